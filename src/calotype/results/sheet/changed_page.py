"""What the last build that replaced pictures replaced, for a page of its own. Must not know how it looks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from calotype.ground.target_names import spec_key_of
from calotype.results.sheet.memory import SheetMemory
from calotype.results.sheet.model import Picture, SpecSheet

MOST = 200
"""More are only counted: nobody looks at more in one sitting."""


class ChangedPage:
    """`replaced` are the targets whose pictures this build replaced; where it replaced none, those of the build before
    stay. `part` makes a target's part of the page; it is remembered, so that a spec that is removed can be taken off
    the page. `frozen`: the build is still at work, and what the page tells stays for now."""

    def __init__(
        self, memory: SheetMemory, part: Callable[[SpecSheet, Picture], str], replaced: Iterable[str],
        frozen: bool = False,
    ) -> None:
        self._memory, self._part, self._frozen = memory, part, frozen
        remembered, targets = memory.changed(), sorted(replaced)
        self._parts, self._more = remembered or ({}, 0)
        self._is_due = remembered is None or bool(targets)
        if targets:
            self._parts, self._more = dict.fromkeys(targets[:MOST], ""), len(targets[MOST:])

    @property
    def keys(self) -> set[str]:
        """The specs whose pictures were replaced."""
        return {spec_key_of(target) for target in self._parts}

    def add(self, sheet: SpecSheet) -> None:
        """`sheet` is being written: its pictures may be among those that were replaced."""
        if self._frozen:
            return
        for picture in sheet.pictures:
            if picture.target in self._parts:
                self._is_due = True
                self._parts[picture.target] = self._part(sheet, picture) if picture.replaced else ""

    def is_due(self, gone: Collection[str]) -> bool:
        """Whether the page may have to be made again, the specs `gone` being no more."""
        return self._is_due or not self.keys.isdisjoint(gone)

    def parts(self, gone: Collection[str]) -> tuple[list[str], int]:
        """What the page shows without the specs `gone`, and how many pictures more were replaced."""
        self._parts = {target: part for target, part in self._parts.items() if part and spec_key_of(target) not in gone}
        self._memory.keep_changed(self._parts, self._more)
        return list(self._parts.values()), self._more
