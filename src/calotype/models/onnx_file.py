"""An ONNX model by its outermost fields, as protocol buffers write them. Must not read any tensor, nor need a package.

A ModelProto is a row of fields, each with a tag (its number, and how long it is): what a broken download has lost
shows in a field that goes beyond the end of the file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from calotype.ground.files import open_file

ONNX = ".onnx"
_GRAPH = 7
"""The number of the field `graph`: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto"""
_FIELDS = {1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26}
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_FOREIGN = "is no ONNX model"


def read_fields(path: Path) -> None:
    """Raises ValueError, in words that go on from the file's name, unless the file is a whole ONNX model by its
    outermost fields; and OSError."""
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        numbers = set()
        while file.tell() < size:
            number = _skip_field(file, size)
            if number not in _FIELDS:
                raise ValueError(_FOREIGN)
            numbers.add(number)
    if _GRAPH not in numbers:
        raise ValueError(_FOREIGN)


def _skip_field(file: BinaryIO, size: int) -> int:
    """The number of the field that begins here; the file is at its end then."""
    number, kind = divmod(_varint(file), 8)
    if kind == _BYTES:
        length = _varint(file)
        file.seek(length, os.SEEK_CUR)
        if file.tell() > size and number in _FIELDS:
            raise ValueError(f"is not whole: {size:,} bytes, and it says that there are {file.tell():,}")
    elif kind == _VARINT:
        _varint(file)
    elif kind in (_FIXED64, _FIXED32):
        file.seek(8 if kind == _FIXED64 else 4, os.SEEK_CUR)
    else:
        raise ValueError(_FOREIGN)
    if file.tell() > size:
        raise ValueError(_FOREIGN)
    return number


def _varint(file: BinaryIO) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            break
        value |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return value
    raise ValueError(_FOREIGN)
