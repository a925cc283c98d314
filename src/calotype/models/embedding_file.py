"""Embeddings of faces in numpy's own format (`.npy`), read with care. Must not know what reads them."""

from __future__ import annotations

import io
from math import prod
from pathlib import Path
from tokenize import TokenError
from typing import Any

from calotype.ground.files import open_file

SUFFIX = ".npy"
LARGEST = 16 * 1024 * 1024
"""Bytes of a file: eight thousand embeddings of 512 numbers."""


def embeddings_of(path: Path) -> Any:
    """The embeddings that a file holds, as `embeddings_in`. Raises OSError too."""
    with open_file(path) as file:
        return embeddings_in(file.read(LARGEST + 1))


def embeddings_in(data: bytes) -> Any:
    """The embeddings that the bytes of a file hold: (count, width), of the file's own precision.

    A file holds one, (width,), or several, (count, width). Raises ValueError, in words that go on from the file's name,
    for whatever else it is: Python objects are never loaded, and nothing is allocated that the file does not hold.
    """
    import numpy as np

    if len(data) > LARGEST:
        raise ValueError("is too large for embeddings of a face")
    file = io.BytesIO(data)
    try:
        major, _ = np.lib.format.read_magic(file)
        read_header = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
        shape, by_columns, kind = read_header(file)
    except (ValueError, EOFError, SyntaxError, TypeError, RecursionError, MemoryError, TokenError):
        raise ValueError("is no file of embeddings as numpy writes them (.npy)") from None
    if kind.kind != "f" or kind.itemsize > 8:
        what = "Python objects" if kind.hasobject else str(kind)
        raise ValueError(f"holds {what}, and embeddings are floating-point numbers")
    if len(shape) not in (1, 2) or not prod(shape):
        raise ValueError(f"holds numbers of the shape {shape}; it must be (width,) or (count, width)")
    begin, size = file.tell(), prod(shape) * kind.itemsize
    if len(data) != begin + size:
        raise ValueError(f"is not whole: {len(data):,} bytes, its header says {begin + size:,}")
    values = np.frombuffer(data, kind, offset=begin).reshape(shape, order="F" if by_columns else "C")
    rows = np.array(values.reshape(-1, shape[-1]), dtype=kind.newbyteorder("="), order="C")
    if not np.isfinite(rows).all() or not (rows != 0).any(axis=1).all():
        raise ValueError("holds an embedding that is not finite, or of zeros alone")
    with np.errstate(over="ignore", under="ignore"):
        lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise ValueError("holds an embedding that is too long or too short to be compared")
    return rows
