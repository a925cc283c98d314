"""Durable writes: whole or not at all, at any instant of a kill. Must not know what is written."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterable
from pathlib import Path

TEMP_SUFFIX = ".tmp"


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Puts `data` at `path` by a temporary file and a rename; parents are made. Raises OSError, leaving `path` as it was."""
    temporary = stage_bytes(path.parent, data, durable=durable)
    try:
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_directories([path.parent])


def stage_bytes(directory: Path, data: bytes, *, durable: bool = True) -> Path:
    """Writes `data` to a new temporary file in `directory` (made if need be) and returns its path, ready for a rename."""
    directory.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(suffix=TEMP_SUFFIX, prefix=".calotype-", dir=directory)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_UMASK)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def sync_directories(directories: Iterable[Path]) -> None:
    """Makes renames in `directories` durable. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    for directory in set(directories):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def point(name: str) -> None:
    """A named instant at which tests kill the process: CALOTYPE_KILL_AT=name or name:n (the n-th time it is passed)."""
    if _KILL_AT is None:
        return
    wanted, _, count = _KILL_AT.partition(":")
    if wanted != name:
        return
    _passed[name] = _passed.get(name, 0) + 1
    if _passed[name] == int(count or 1):
        os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


_UMASK = _umask()
_KILL_AT = os.environ.get("CALOTYPE_KILL_AT")
_passed: dict[str, int] = {}
