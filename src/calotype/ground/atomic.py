"""Durable writes: whole or not at all, at any instant of a kill. Must not know what is written."""

from __future__ import annotations

import errno
import itertools
import os
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

TEMP_PREFIX, TEMP_SUFFIX = ".calotype-", ".tmp"


def write_bytes(path: Path, data: bytes, *, durable: bool = True, mode: int | None = None) -> None:
    """Puts `data` at `path` by a temporary file and a rename; parents are made. `mode` are the file's rights; None: as
    any new file has them.

    Raises OSError, leaving `path` as it was.
    """
    temporary = stage_bytes(path.parent, data, durable=durable)
    try:
        if mode is not None:
            temporary.chmod(mode)
        point("atomic.staged")
        replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    point("atomic.renamed")
    if durable:
        sync_directories([path.parent])


def stage_bytes(directory: Path, data: bytes, *, durable: bool = True) -> Path:
    """Writes `data` to a new temporary file in `directory` (made if need be) and returns its path."""
    handle, temporary = open_temporary(directory)
    try:
        try:
            write_all(handle, data)
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


_MISSING = 20
"""Times that a folder may be gone again when a file is to be made in it. In some, such as /proc, none ever can be."""


def open_temporary(directory: Path) -> tuple[int, Path]:
    """A new file in `directory` (made if need be), open for reading and writing, with any new file's mode.

    The caller closes it, and renames or removes it. One left behind by a kill ends in `.tmp`.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    missing = 0
    while True:
        path = directory / f"{TEMP_PREFIX}{os.getpid()}-{next(_serial)}-{os.urandom(4).hex()}{TEMP_SUFFIX}"
        try:
            return os.open(path, flags, 0o666), path
        except FileNotFoundError:
            missing += 1
            if missing > _MISSING:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), os.fspath(path)) from None
            directory.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            continue


def replace(source: str | Path, place: str | Path) -> None:
    """`os.replace`, begun again when a signal interrupts it, as Python does with calls that read and write (PEP 475).
    Disks behind a network or another process are so interrupted."""
    while True:
        try:
            return os.replace(source, place)
        except InterruptedError:
            continue


def write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest):]


def sync_files(paths: Iterable[str | Path]) -> None:
    """Makes the contents and names of files durable; where the system can, many cost little more than one."""
    files = [os.fspath(path) for path in paths]
    folders = {os.path.dirname(file) for file in files}
    if len(files) < _MANY or not _sync_file_systems(folders):
        for file in files:
            _sync(file, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
        sync_directories(folders)


def sync_directories(directories: Iterable[str | Path]) -> None:
    """Makes renames in `directories` durable. Windows has no such call and needs none."""
    folders = {os.fspath(directory) for directory in directories}
    if os.name != "nt" and (len(folders) < _MANY or not _sync_file_systems(folders)):
        for folder in folders:
            _sync(folder, os.O_RDONLY)


def _sync(path: str, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_SUCH_SYNC:
            raise
    finally:
        os.close(handle)


def _sync_file_systems(folders: Iterable[str]) -> bool:
    """Syncs the file systems of `folders` by one call each (Linux); False where there is no such call."""
    call = _syncfs()
    if call is None:
        return False
    for folder in {os.stat(folder).st_dev: folder for folder in folders}.values():
        handle = os.open(folder, os.O_RDONLY)
        try:
            code = call(handle)
        finally:
            os.close(handle)
        if code in _NO_SUCH_SYNC:
            return False
        if code:
            raise OSError(code, os.strerror(code), folder)
    return True


@cache
def _syncfs() -> Callable[[int], int] | None:
    """The C library's `syncfs`, as a function from descriptor to errno (0: done)."""
    if sys.platform != "linux":
        return None
    import ctypes

    try:
        call = ctypes.CDLL(None, use_errno=True).syncfs
    except (OSError, AttributeError):
        return None

    def errno_of(handle: int) -> int:
        while call(handle):
            if ctypes.get_errno() != errno.EINTR:
                return ctypes.get_errno()
        return 0

    return errno_of


def point(name: str) -> None:
    """A named instant at which tests kill the process: CALOTYPE_KILL_AT=name or name:n (its n-th time)."""
    if _KILL_AT is None:
        return
    instant, _, count = _KILL_AT.partition(":")
    if instant != name:
        return
    _passed[name] = _passed.get(name, 0) + 1
    if _passed[name] == int(count or 1):
        os.kill(os.getpid(), _KILL)


_KILL_AT = os.environ.get("CALOTYPE_KILL_AT")
_KILL = 9  # `signal.SIGKILL`, without its import; on Windows the exit status of a process ended at once
_MANY = 8
_NO_SUCH_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EPERM}  # network file systems, sandboxes
_passed: dict[str, int] = {}
_serial = itertools.count()
