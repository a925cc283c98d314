"""Locks between processes that end with their holder, however it ends. Must not know what is locked."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from calotype.ground.boundary import require_own_places
from calotype.ground.folders import BUILD_LOCK, CACHE, DECISION_LOCK
from calotype.ground.gitignore import keep_out_of_git

Waiting = Callable[[int | None], None]
"""Told again and again while another holds the lock: the process id of the holder, where it is known. What it raises
ends the wait."""

_PAUSE = 0.05


@contextmanager
def build_lock(root: Path, waiting: Waiting | None = None) -> Iterator[None]:
    """One build at a time in the project at `root`. Raises OSError where the lock file cannot be made, Problem where
    what is Calotype's own leads elsewhere."""
    require_own_places(root)
    keep_out_of_git(root / CACHE)
    with lock(root / BUILD_LOCK, waiting):
        yield


@contextmanager
def decision_lock(root: Path) -> Iterator[None]:
    """One at a time of those who read specs/picks/ of the project at `root` to write there, or to put pictures into
    their places: it is held for moments. Who needs the build lock as well takes that one first. Raises as
    `build_lock`."""
    require_own_places(root)
    keep_out_of_git(root / CACHE)
    with lock(root / DECISION_LOCK, signed=False):
        yield


def builder_at_work(root: Path) -> str | None:
    """Who holds the build lock of the project at `root`, in words: `process 4711`, or nothing where that is not known;
    None where nobody does."""
    try:
        handle = os.open(root / BUILD_LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    try:
        if _try(handle):
            return None
    finally:
        os.close(handle)
    holder = _holder(root / BUILD_LOCK)
    return f"process {holder}" if holder else ""


@contextmanager
def lock(path: Path, waiting: Waiting | None = None, *, signed: bool = True) -> Iterator[None]:
    """Holds the lock at `path` for a block, waiting for it as long as it takes. `signed`: it tells who holds it, which
    takes room on the disk.

    The file stays; it is the lock on it that counts, and the system drops that when the holder dies.
    """
    handle = _acquire(path, waiting)
    try:
        if signed:
            os.ftruncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        _release(handle)
        os.close(handle)


def try_lock(handle: int) -> bool:
    """Locks an open file at once, for as long as it is open; False where another holds it."""
    return _try(handle)


def _acquire(path: Path, waiting: Waiting | None) -> int:
    while True:
        handle = _open(path)
        try:
            if waiting is None:
                _wait(handle)
            else:
                while not _try(handle):
                    waiting(_holder(path))
                    time.sleep(_PAUSE)
            if _is_still_at(path, handle):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        return os.open(path, flags, 0o666)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, flags, 0o666)


def _is_still_at(path: Path, handle: int) -> bool:
    """Whether nobody removed the file between its opening and the lock: another may hold its successor."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False


def _holder(path: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(path.read_bytes())
    return None


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # past the process id, which others must be able to read: locked bytes they cannot

    def _try(handle: int) -> bool:
        os.lseek(handle, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(handle, 0, os.SEEK_SET)
        return True

    def _wait(handle: int) -> None:
        while not _try(handle):
            time.sleep(_PAUSE)

    def _release(handle: int) -> None:
        """What is closed is free."""
else:
    import fcntl

    def _try(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _release(handle: int) -> None:
        """A process that was forked meanwhile has the handle too, and would keep the lock for as long as it lives."""
        fcntl.flock(handle, fcntl.LOCK_UN)
