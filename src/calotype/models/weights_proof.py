"""Whether a file of weights is whole, by its first bytes and its length; one of embeddings, by all that it holds. Must
not load any tensor.

So what a clone without Git LFS, a broken download or a wrong file leaves is told before anything is rendered.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from calotype.ground.files import open_file
from calotype.ground.images import LFS_POINTER
from calotype.models.embedding_file import LARGEST, SUFFIX, embeddings_in

_LENGTH = 8  # bytes that say how long the header is, little-endian: safetensors' format, version 1
_LONGEST_HEADER = 100_000_000


def is_pointer(path: Path) -> bool:
    """Whether Git LFS left a pointer instead of the file."""
    with open_file(path) as file:
        return file.read(len(LFS_POINTER)) == LFS_POINTER


def fault(path: Path) -> str | None:
    """Why a file of weights, or of embeddings, cannot be loaded; None where it can. Raises OSError."""
    return _fault_of_embeddings(path) if path.name.endswith(SUFFIX) else _fault_of_tensors(path)


def _fault_of_embeddings(path: Path) -> str | None:
    with open_file(path) as file:
        data = file.read(LARGEST + 1)
    try:
        embeddings_in(data)
    except ValueError as reason:
        return str(reason)
    return None


def _fault_of_tensors(path: Path) -> str | None:
    """None where the header is sound and the length what that says."""
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
