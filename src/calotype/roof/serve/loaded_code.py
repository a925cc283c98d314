"""Whether the files of the program are those that this process has loaded: a new process would load those of today."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

Print = tuple[int, int, int]
"""Size, modification time (ns) and inode."""


_COPIED = os.path.join("cli", "templates")


class LoadedCode:
    """What was on disk when it was loaded: every module from outside Python's own library, the data of Calotype, the
    interpreter. A module that has not been imported yet will be as it is then, here as in a new process."""

    def __init__(self) -> None:
        self._folder = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        self._library = os.path.dirname(os.path.abspath(os.__file__))
        self._data = dict(_data_below(self._folder))
        self._imported = {sys.executable: _print(sys.executable)}
        self.note()

    def note(self) -> None:
        """Remembers what has been imported since."""
        for module in list(sys.modules.values()):
            path = getattr(module, "__file__", None)
            if isinstance(path, str) and path not in self._imported and (
                    not path.startswith(self._library) or "site-packages" in path):
                self._imported[path] = _print(path)

    def has_changed(self) -> bool:
        return (any(_print(path) != before for path, before in self._imported.items())
                or dict(_data_below(self._folder)) != self._data)


def _data_below(folder: str) -> Iterator[tuple[str, Print]]:
    """What a program keeps in memory of the files beside its modules: all of them, but those that `init` copies."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("__pycache__") and not entry.path.endswith(_COPIED):
                    yield from _data_below(entry.path)
            elif not entry.name.endswith(".py"):
                yield entry.path, _print(entry.path)


def _print(path: str) -> Print:
    """Nothing but zeros where the file is gone."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0, 0
    return status.st_size, status.st_mtime_ns, status.st_ino
