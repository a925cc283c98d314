"""Files opened for reading, and only files: who opens a pipe waits for a writer. Must not know what is read."""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path


def open_file(path: str | Path, *, follow: bool = True) -> BufferedReader:
    """The file at `path`, links followed, or refused without `follow`. Raises OSError; IsADirectoryError for whatever
    is no file."""
    handle, _ = open_descriptor(path, follow=follow)
    return open(handle, "rb")


def open_descriptor(path: str | Path, *, follow: bool = True) -> tuple[int, os.stat_result]:
    """A descriptor of the file at `path`, for the caller to close, and its status. Raises as `open_file` does."""
    handle = os.open(path, _FLAGS if follow else _FLAGS | _NOFOLLOW)
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        os.close(handle)
        raise IsADirectoryError(errno.EISDIR, "Is no file", os.fspath(path))
    return handle, status


def read_file(path: str | Path, most: int) -> tuple[bytes, os.stat_result]:
    """The first `most` bytes of a file, and its status just before they were read. Raises as `open_file` does."""
    handle, status = open_descriptor(path)
    try:
        parts, size = [], 0
        while size < most:
            count = min(max(status.st_size - size, 0) + 1, most - size)
            part = os.read(handle, count)
            parts.append(part)
            size += len(part)
            if not part or (size >= status.st_size and len(part) < count):
                break
        return b"".join(parts), status
    finally:
        os.close(handle)


def holds(path: str | Path, data: bytes) -> bool:
    """Whether the file at `path`, no link followed, is just `data`. A larger one is not read. Raises as `open_file`
    does."""
    with open_file(path, follow=False) as file:
        return os.fstat(file.fileno()).st_size == len(data) and file.read() == data


def hidden_by(root: Path, path: str) -> str | None:
    """What keeps a file at `path` (relative to `root`, with `/`) from being found, where none was: a link to
    nowhere, or a file or a link in the place of a folder. None where there simply is nothing."""
    parts = path.split("/")
    for count in range(len(parts), 0, -1):
        above = "/".join(parts[:count])
        if os.path.isdir(root / above):
            return None
        if os.path.lexists(root / above):
            return above
    return None


_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NOFOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
NO_FILE = (errno.EISDIR, errno.ELOOP, errno.ENXIO)
"""What the system says of a folder or a pipe, of a link (in a circle, or where none is followed), of a socket."""
