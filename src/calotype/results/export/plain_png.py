"""A PNG without its metadata: the same pixels, byte for byte the same compressed samples, and nothing told of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from calotype.ground.images import LFS_POINTER

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
"""The chunks that the pixels are made of."""


def without_metadata(data: bytes) -> bytes:
    """Raises ValueError for what is no whole PNG."""
    if data.startswith(LFS_POINTER):
        raise ValueError("is a Git LFS pointer, not a picture: run `git lfs pull`")
    if not data.startswith(SIGNATURE):
        raise ValueError("is no PNG")
    return SIGNATURE + b"".join(chunk for name, chunk in _chunks(data) if name in KEPT)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks by their names, each whole: its length, name, content and checksum."""
    at, name = len(SIGNATURE), b""
    while at + 12 <= len(data) and name != b"IEND":
        end = at + 12 + int.from_bytes(data[at:at + 4], "big")
        name = data[at + 4:at + 8]
        if end > len(data) or zlib.crc32(data[at + 4:end - 4]) != int.from_bytes(data[end - 4:end], "big"):
            raise ValueError("is damaged or truncated")
        yield name, data[at:end]
        at = end
    if name != b"IEND":
        raise ValueError("is damaged or truncated")
