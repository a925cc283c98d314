"""Whether a file of weights is whole, by its first bytes and its length; one of embeddings, by all that it holds. Must
not load any tensor.

So what a clone without Git LFS, a broken download or a wrong file leaves is told before anything is rendered.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from calotype.ground.files import open_file
from calotype.ground.images import LFS_POINTER
from calotype.models.embedding_file import SUFFIX, embeddings_of
from calotype.models.onnx_file import ONNX, read_fields

_LENGTH = 8  # bytes that say how long the header is, little-endian: safetensors' format, version 1
_LONGEST_HEADER = 100_000_000
_FOREIGN = "is no safetensors file"
NOTES = "__metadata__"
"""What the writer of a file noted, among its tensors: texts by name."""


def is_pointer(path: Path) -> bool:
    """Whether Git LFS left a pointer instead of the file."""
    with open_file(path) as file:
        return file.read(len(LFS_POINTER)) == LFS_POINTER


def fault(path: Path) -> str | None:
    """Why a file of weights, or of embeddings, cannot be loaded; None where it can. Raises OSError."""
    try:
        if path.name.endswith(SUFFIX):
            embeddings_of(path)
        elif path.name.endswith(ONNX):
            read_fields(path)
        else:
            rows_of(path)
    except ValueError as reason:
        return str(reason)
    return None


def rows_of(path: Path) -> dict[str, Any]:
    """The header of a safetensors file, which is sound, and the file as long as it says: its tensors and NOTES.

    Raises ValueError, in words that go on from the file's name, for whatever else it is; and OSError.
    """
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(_LENGTH), "little")
        if size < _LENGTH or length > _LONGEST_HEADER:
            raise ValueError(_FOREIGN)
        header = file.read(length)
    try:
        rows = json.loads(header)
        ends = [row["data_offsets"][1] for name, row in rows.items() if name != NOTES]
        sound = all(type(end) is int for end in ends) and _are_texts(rows.get(NOTES, {}))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise ValueError("is cut off in its header" if len(header) < length else _FOREIGN) from None
    if not sound:
        raise ValueError(_FOREIGN)
    whole = _LENGTH + length + max(ends, default=0)
    if size != whole:
        raise ValueError(f"is not whole: {size:,} bytes, its header says {whole:,}")
    return dict(rows)


def _are_texts(notes: Any) -> bool:
    return isinstance(notes, dict) and all(isinstance(text, str) for text in notes.values())
