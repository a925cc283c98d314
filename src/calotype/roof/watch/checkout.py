"""Whether git is in the middle of a checkout: it holds a lock beside its index from the first file to the last."""

from __future__ import annotations

import os
from pathlib import Path

_GITDIR = "gitdir:"


class IndexLock:
    """git's lock on its index, as far as it tells of a checkout: one that a killed git left behind can be ignored."""

    def __init__(self) -> None:
        self._ignored: tuple[int, int] | None = None

    def held(self, root: Path) -> Path | None:
        """The lock's path while git changes files below `root`; None for a lock that is ignored."""
        path, identity = _look(root)
        return None if identity in (None, self._ignored) else path

    def ignore(self, root: Path) -> None:
        """From now on the lock that is there does not count. One that is made anew, or written to, counts again."""
        _path, self._ignored = _look(root)


def index_lock(root: Path) -> Path | None:
    """The lock that git holds while it changes files below `root`, if the project lies in a repository."""
    for folder in (root, *root.parents):
        git = folder / ".git"
        if git.is_dir():
            return git / "index.lock"
        if git.is_file():  # a worktree, or a submodule
            words = git.read_text(encoding="utf-8", errors="replace").strip()
            return folder / words.removeprefix(_GITDIR).strip() / "index.lock" if words.startswith(_GITDIR) else None
    return None


def _look(root: Path) -> tuple[Path | None, tuple[int, int] | None]:
    """The lock's path, and the inode and modification time (ns) of the file there; None for what there is none of."""
    try:
        path = index_lock(root)
        status = os.stat(path) if path is not None else None
    except OSError:
        return None, None
    return path, (status.st_ino, status.st_mtime_ns) if status is not None else None
