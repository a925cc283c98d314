"""Events that are caused in order to wait for them: whoever has seen one has seen all that came before it.

Watchman writes a file for it. Here a folder's rights are set to what they are, which the system tells as well, and
which leaves nothing for anybody to see.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event

_LOST_AFTER = 10.0
"""Seconds after which a mark that has not come will not come any more: the system lost it."""


class Marks:
    """Marks in folders, made on one thread and seen on another."""

    def __init__(self) -> None:
        self._awaited: dict[str, float] = {}
        self._rights: dict[str, int] = {}
        self._all_have_come = Event()

    def have_come(self, root: Path, folders: Sequence[str], seconds: float) -> bool:
        """Makes a mark in each of the folders of `root`, and waits for all, at most so long. One that is still awaited
        would be taken for the new one: until it has come, none is made."""
        now = time.monotonic()
        if any(now - since < _LOST_AFTER for since in list(self._awaited.values())):
            return False
        self._all_have_come.clear()
        self._awaited = dict.fromkeys(folders, now)
        made = [self._make(root, folder) for folder in folders]
        return bool(made) and all(made) and self._all_have_come.wait(seconds)

    def has_come(self, folder: str) -> bool:
        """Is told of an event such as a mark causes; whether one was awaited."""
        if self._awaited.pop(folder, None) is None:
            return False
        if not self._awaited:
            self._all_have_come.set()
        return True

    def _make(self, root: Path, folder: str) -> bool:
        """False where it cannot be made, or where the folder's rights have changed, of which an event tells as well."""
        mode = _touched(root / folder)
        if mode is None:
            self._awaited.pop(folder, None)
            return False
        before, self._rights[folder] = self._rights.get(folder), mode
        return before in (None, mode)


def _touched(folder: Path) -> int | None:
    """The mode of a folder, which has been set to what it was; None where that is impossible, or not harmless."""
    try:
        handle = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    except OSError:
        return None
    try:
        mode = os.fstat(handle).st_mode
        if mode & (stat.S_ISGID | stat.S_ISUID):  # to set it may take it away
            return None
        os.fchmod(handle, stat.S_IMODE(mode))
    except OSError:
        return None
    finally:
        os.close(handle)
    return mode
