"""Whether the files of the program are those that this process has loaded: a new process would load those of today."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

Print = tuple[int, int, int]
"""Size, modification time (ns) and inode."""


class LoadedCode:
    """What was on disk when it was loaded: all of Calotype with its data, what else was imported from outside Python's
    own library, and the interpreter."""

    def __init__(self) -> None:
        self._folder = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        self._library = os.path.dirname(os.path.abspath(os.__file__))
        self._package = dict(_prints_below(self._folder))
        self._imported = {sys.executable: _print(sys.executable)}
        self.note()

    def note(self) -> None:
        """Remembers what has been imported since."""
        for path in self._foreign_modules():
            if path not in self._imported:
                self._imported[path] = _print(path)

    def has_changed(self) -> bool:
        return (any(_print(path) != before for path, before in self._imported.items())
                or dict(_prints_below(self._folder)) != self._package)

    def _foreign_modules(self) -> Iterator[str]:
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if isinstance(path, str) and not path.startswith(self._folder) and (
                    not path.startswith(self._library) or "site-packages" in path):
                yield path


def _prints_below(folder: str) -> Iterator[tuple[str, Print]]:
    """Every file of the program; not what Python and Jinja2 keep compiled beside it."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                yield entry.path, _print(entry.path)
            elif not entry.name.startswith("__pycache__"):
                yield from _prints_below(entry.path)


def _print(path: str) -> Print:
    """Nothing but zeros where the file is gone."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0, 0
    return status.st_size, status.st_mtime_ns, status.st_ino
