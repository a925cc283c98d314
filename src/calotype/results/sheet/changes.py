"""What the last build that replaced pictures replaced, for a page of its own. Must not know how it looks."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from calotype.ground.target_names import spec_key_of
from calotype.results.sheet.fragments import one_line
from calotype.results.sheet.model import SpecSheet
from calotype.results.sheet.pages import Pages

MOST = 200
"""More are only counted: nobody looks at more in one sitting."""


class Changes:
    """`replaced` are the targets whose pictures this build replaced; where it replaced none, those of the build before
    stay. Each target's part of the page is kept, so that a spec which is removed can be taken off it."""

    SHELF = "changed.json"

    def __init__(self, shelves: Path, pages: Pages, replaced: Sequence[str]) -> None:
        self._pages = pages
        known = _read(shelves / self.SHELF)
        self._parts, self._more = known or ({}, 0)
        self._concerned = known is None or bool(replaced)
        if replaced:
            self._parts, self._more = dict.fromkeys(replaced[:MOST], ""), len(replaced[MOST:])

    def meet(self, sheet: SpecSheet) -> None:
        """`sheet` is being written: its pictures may be among those that were replaced."""
        for picture in sheet.pictures:
            if picture.target in self._parts:
                self._concerned = True
                self._parts[picture.target] = one_line(self._pages.change(sheet, picture)) if picture.replaced else ""

    @property
    def keys(self) -> set[str]:
        """The specs whose pictures were replaced."""
        return {spec_key_of(target) for target in self._parts}

    def concern(self, gone: Collection[str]) -> bool:
        """Whether the page may have to be made again."""
        return self._concerned or not self.keys.isdisjoint(gone)

    def page(self, gone: Collection[str]) -> tuple[bytes, bytes]:
        """The page and what is kept of it, without the specs that are gone."""
        self._parts = {target: part for target, part in self._parts.items()
                       if part and spec_key_of(target) not in gone}
        kept = json.dumps({"parts": self._parts, "more": self._more}, ensure_ascii=False)
        return self._pages.changed(list(self._parts.values()), self._more), kept.encode()


def _read(path: Path) -> tuple[dict[str, str], int] | None:
    try:
        value = json.loads(path.read_bytes())
        return {str(target): str(part) for target, part in value["parts"].items()}, int(value["more"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
