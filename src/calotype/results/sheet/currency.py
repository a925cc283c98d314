"""The seal: whether all pages show what was last published. Must not know how a page is written.

It is there only while all pages agree with what was last published: a build killed in between leaves none, and the next
writes all. It holds the fingerprint of the templates in use, and the times of the folders that hold small pictures and
the pages of specs: while these are the same, nothing was taken away.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from calotype.ground.atomic import write_bytes
from calotype.ground.target_names import FOLDERS
from calotype.results.sheet.catalog import Catalog, read_catalog, stems

BUILD = "build"
SHELVES = f"{BUILD}/.sheets"
SEAL = f"{SHELVES}/seal"
CATALOG = f"{SHELVES}/index.json"
CARDS = f"{SHELVES}/index.cards"
DATA = "data"
ALWAYS = ("index.html", "changed.html", "sheet.css", "sheet.js")
_PROCESS = os.urandom(8).hex()


def sheets_are_current(root: Path, catalog: Catalog | None = None, templates: str = "") -> bool:
    """Whether all pages are there and show, by today's templates, all that was published before this process.
    `catalog` of the pages, fingerprint of the `templates`: where they are known already. Takes a few milliseconds for
    10,000 specs."""
    from calotype.results.sheet.pages import fingerprint

    seal = root / SEAL if (root / SEAL).exists() else _broken_seal(root)
    try:
        sealed, _, times = seal.read_text().partition("\n")
        known = read_catalog(root / CATALOG) if catalog is None else catalog
        if known is None or sealed != (templates or fingerprint(root)):
            return False
        now = _times(root)
        return now.split(" ")[0] == times.split(" ")[0] and _all_there(root / BUILD, known, now == times)
    except OSError:
        return False


def _times(root: Path) -> str:
    folders = [root / BUILD / name for name in ("thumbs", *FOLDERS)]
    return " ".join(str(folder.stat().st_mtime_ns) if folder.is_dir() else "-" for folder in folders)


def _all_there(build: Path, catalog: Catalog, untouched: bool) -> bool:
    """Whether no page was taken away by hand. Those of specs are only counted, where their folders are not
    `untouched`."""
    specs: dict[str, int] = {}
    pages, data = {*ALWAYS, DATA, "thumbs"}, {"shards.js"}
    for name, group in catalog.items():
        kind = name.partition("/")[0]
        specs[kind] = specs.get(kind, 0) + sum(chunk.tally.specs for chunk in group.chunks)
        for stem in stems(name, [chunk.ids for chunk in group.chunks]):
            pages.add(f"{stem}.html")
            data.add(f"{stem}.js")
    if not (pages.issubset(os.listdir(build)) and data.issubset(os.listdir(build / DATA))):
        return False
    return untouched or all(
        sum(name.endswith(".html") for name in os.listdir(build / kind)) == many for kind, many in specs.items())


def put_seal(root: Path, templates: str) -> None:
    """All pages are by the `templates` of that fingerprint, or newer ones."""
    seal = f"{templates}\n{_times(root)}"
    if not (root / SEAL).exists() or (root / SEAL).read_text() != seal:
        write_bytes(root / SEAL, seal.encode(), durable=False)


def break_seal(root: Path) -> None:
    """To be called before anything is published: a build that ends before it wrote its pages leaves no seal.

    The broken seal stays with this process, which so still knows that the other pages are current.
    """
    if (root / SEAL).exists():
        forget_broken_seals(root)
        with suppress(FileNotFoundError):
            os.replace(root / SEAL, _broken_seal(root))


def forget_broken_seals(root: Path) -> None:
    """To be called when a build begins: a seal that an earlier one broke and did not mend is worth nothing."""
    for path in (root / SHELVES).glob("broken-*"):
        path.unlink(missing_ok=True)


def _broken_seal(root: Path) -> Path:
    return root / SHELVES / f"broken-{_PROCESS}"
