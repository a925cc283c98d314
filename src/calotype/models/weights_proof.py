"""Whether a file of weights is whole, by its first bytes and its length. Must not load any tensor.

So what a clone without Git LFS, a broken download or a wrong file leaves is told before anything is rendered.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from calotype.ground.files import open_file
from calotype.ground.images import LFS_POINTER

_LENGTH = 8  # bytes that say how long the header is, little-endian: safetensors' format, version 1
_LONGEST_HEADER = 100_000_000


def is_pointer(path: Path) -> bool:
    """Whether Git LFS left a pointer instead of the file."""
    with open_file(path) as file:
        return file.read(len(LFS_POINTER)) == LFS_POINTER


def fault(path: Path) -> str | None:
    """Why a `.safetensors` file cannot be loaded; None where its header is sound and its length what that says. Raises
    OSError."""
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(_LENGTH), "little")
        if size < _LENGTH or length > _LONGEST_HEADER:
            return "is no safetensors file"
        header = file.read(length)
    try:
        rows = json.loads(header)
        ends = [row["data_offsets"][1] for name, row in rows.items() if name != "__metadata__"]
        whole = _LENGTH + length + max(ends, default=0)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return "is cut off in its header" if len(header) < length else "is no safetensors file"
    return None if size == whole else f"is not whole: {size:,} bytes, its header says {whole:,}"
