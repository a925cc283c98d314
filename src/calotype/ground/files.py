"""Files opened for reading, and only files: who opens a pipe waits for a writer. Must not know what is read."""

from __future__ import annotations

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path


def open_file(path: str | Path) -> BufferedReader:
    """The file at `path`, links followed. Raises OSError; IsADirectoryError for whatever is no file."""
    file = open(path, "rb", opener=_opener)  # noqa: SIM115
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise IsADirectoryError(errno.EISDIR, "Is no file", os.fspath(path))
    return file


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)
