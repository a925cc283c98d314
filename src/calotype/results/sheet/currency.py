"""Whether all pages show what is published. Must not know how a page is written.

The record of the last build answers: it is written when the pages are, and holds what the folders that they lie in
stood like. A build that was killed in between wrote none, and so the next finds the manifest or those folders changed.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from calotype.ground.folders import BUILD, MANIFEST_FOLDER
from calotype.ground.target_names import FOLDERS
from calotype.results.sheet.catalog import DATA, THUMBS, pages_by_stem
from calotype.results.sheet.memory import SheetMemory
from calotype.store.page_memory import PageMemory

_FOLDERS = tuple(f"{BUILD}/{name}" for name in (*FOLDERS, DATA, THUMBS))
WATCHED = (BUILD, f"{BUILD}/index.html", *_FOLDERS)
"""What the record holds of the pages: they are only ever replaced whole, and that changes the folder they lie in."""
_ALWAYS = ("index.html", "changed.html", "sheet.css", "sheet.js", DATA, THUMBS)


def pages_are_current(root: Path, memory: PageMemory, changed: Collection[str] | None) -> bool:
    """Whether all pages are there and show, by today's templates, all that the last build published.

    `changed` are the paths that differ from its record; None where there is none. Somebody else's change to the
    manifest is shown on no page yet. In `build` itself other things come and go, so its pages are looked for.
    """
    from calotype.results.sheet.pages import fingerprint

    if changed is None or any(path in WATCHED[1:] or path.startswith(f"{MANIFEST_FOLDER}/") for path in changed):
        return False
    if memory.stamp != fingerprint(root):
        return False
    return BUILD not in changed or _all_there(root / BUILD, memory)


def _all_there(build: Path, memory: PageMemory) -> bool:
    try:
        names = set(os.listdir(build))
    except OSError:
        return False
    catalog = SheetMemory(memory).catalog()
    pages = {f"{stem}.html" for name, group in catalog.items() for stem in pages_by_stem(name, group)}
    return names.issuperset(_ALWAYS) and names.issuperset(pages)
