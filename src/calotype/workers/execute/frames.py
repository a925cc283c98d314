"""Frames on a pipe: bytes, after their length in eight bytes; of an object, those that pickle makes."""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any

_LENGTH = struct.Struct("<Q")


def write_object(stream: IO[bytes], value: Any) -> None:
    """Writes one object. Raises OSError where nobody reads any more, and pickle's errors for one that cannot cross."""
    write_frame(stream, pickle.dumps(value, protocol=5))


def read_object(stream: IO[bytes]) -> Any:
    """The next object. Raises EOFError where the other end is closed, even in the middle of a frame."""
    return pickle.loads(read_frame(stream))


def write_frame(stream: IO[bytes], data: bytes) -> None:
    """Writes one frame; an empty one is a sign of its own."""
    _write(stream, _LENGTH.pack(len(data)) + data)


def read_frame(stream: IO[bytes]) -> bytes:
    """The next frame. Raises EOFError as `read_object` does."""
    (length,) = _LENGTH.unpack(_read(stream, _LENGTH.size))
    return _read(stream, length)


def _write(stream: IO[bytes], data: bytes) -> None:
    """A raw stream may take less than it is given."""
    rest = memoryview(data)
    while rest:
        rest = rest[stream.write(rest) or 0:]
    stream.flush()


def _read(stream: IO[bytes], length: int) -> bytes:
    """Just `length` bytes: a raw stream gives what is there."""
    data = bytearray()
    while len(data) < length:
        part = stream.read(length - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)
