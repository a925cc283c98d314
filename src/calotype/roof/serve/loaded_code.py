"""Whether the files of the program are those that this process has loaded: a new process would load those of today."""

from __future__ import annotations

import os
import sys

Print = tuple[int, int, int]
"""Size, modification time (ns) and inode."""

FOLDER = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_COPIED = os.path.join("cli", "templates")


class LoadedCode:
    """What was on disk when it was loaded: every module from outside Python's own library, the data of Calotype, the
    interpreter. A module that has not been imported yet will be as it is then, here as in a new process. `folder` is
    the program's."""

    def __init__(self, folder: str = FOLDER) -> None:
        self._folder = folder
        self._library = os.path.dirname(os.path.abspath(os.__file__))
        self._folders, self._data = _data_below(self._folder)
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
        return _differ(self._imported) or _differ(self._data) or self._has_other_names()

    def _has_other_names(self) -> bool:
        """Whether data has come since. A folder into which nothing has come is as it was, and is not listed."""
        if not _differ(self._folders):
            return False
        folders, data = _data_below(self._folder)
        if data != self._data:
            return True
        self._folders = folders
        return False


def _differ(prints: dict[str, Print]) -> bool:
    return any(_print(path) != before for path, before in prints.items())


def _data_below(folder: str) -> tuple[dict[str, Print], dict[str, Print]]:
    """The folders of a program, and what it keeps in memory of the files beside its modules: all of them, but those
    that `init` copies. A folder is looked at before it is listed."""
    folders = {folder: _print(folder)}
    data: dict[str, Print] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("__pycache__") and not entry.path.endswith(_COPIED):
                    inner_folders, inner_data = _data_below(entry.path)
                    folders |= inner_folders
                    data |= inner_data
            elif not entry.name.endswith(".py"):
                data[entry.path] = _print(entry.path)
    return folders, data


def _print(path: str) -> Print:
    """Nothing but zeros where the file is gone."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0, 0
    return status.st_size, status.st_mtime_ns, status.st_ino
