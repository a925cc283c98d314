"""Results that the database could not take, kept in a file whose room was made before there were any.

A disk may be full, or fail, just when a finished render is to be recorded. Writing within a file that is there needs no
room. Must not know what the results are of.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from calotype.ground.atomic import write_all
from calotype.ground.digest import sha256
from calotype.ground.files import NO_FILE, open_file
from calotype.store.action_cache import Row

ROOM = 32 * 1024
"""Bytes of the file: the rows of some two hundred results, packed together."""
_MOST = 16 * 1024 * 1024
"""Bytes that a record is unpacked to, at most: a repository may bring such a file along."""
_LENGTH, _DIGEST = 4, 64
_FLAGS = os.O_RDWR | os.O_CREAT | sum(getattr(os, name, 0) for name in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK"))


class Unrecorded:
    """The file at `path`: records one after the other, each its length, its digest and its packed rows; then zeros.

    Raises OSError where the disk refuses."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reserved = False
        self._end = 0

    def reserve(self) -> None:
        """Makes the file, with its room, unless it has it."""
        if not self._reserved:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = self._open()
            try:
                if os.fstat(handle).st_size < ROOM:
                    write_all(handle, bytes(ROOM))
                    os.fsync(handle)
            finally:
                os.close(handle)
            self._reserved = True

    def put(self, rows: Sequence[Row]) -> None:
        """Keeps `rows` after what is kept already."""
        written = [[key, kind, components.decode(), dict(outputs), dict(facts)]
                   for key, kind, components, outputs, facts in rows]
        packed = zlib.compress(json.dumps(written).encode(), 1)
        record = len(packed).to_bytes(_LENGTH, "big") + sha256(packed).encode() + packed
        handle = self._open()
        try:
            os.lseek(handle, self._end, os.SEEK_SET)
            write_all(handle, record)
            os.fsync(handle)
        finally:
            os.close(handle)
        self._end += len(record)

    def rows(self) -> list[Row]:
        """What is kept; a record that was cut short, or is none, ends it."""
        try:
            with open_file(self._path, follow=False) as file:
                data = file.read(_MOST)
        except FileNotFoundError:
            return []
        except OSError as refusal:
            if refusal.errno not in NO_FILE:
                raise
            return []
        return list(_rows(data))

    def clear(self) -> None:
        """Forgets what is kept, and keeps its room."""
        handle = self._open()
        try:
            write_all(handle, bytes(_LENGTH))
            os.fsync(handle)
        finally:
            os.close(handle)
        self._end = 0

    def _open(self) -> int:
        handle = os.open(self._path, _FLAGS, 0o666)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise IsADirectoryError(errno.EISDIR, "Is no file", str(self._path))
        return handle


def _rows(data: bytes) -> Iterator[Row]:
    while length := int.from_bytes(data[:_LENGTH], "big"):
        digest, packed = data[_LENGTH:_LENGTH + _DIGEST], data[_LENGTH + _DIGEST:_LENGTH + _DIGEST + length]
        if sha256(packed).encode() != digest:
            return
        try:
            for key, kind, components, outputs, facts in json.loads(_unpacked(packed)):
                bytes.fromhex(key)
                yield key, str(kind), components.encode(), dict(outputs), dict(facts)
        except (ValueError, TypeError, AttributeError, RecursionError, zlib.error):
            return
        data = data[_LENGTH + _DIGEST + length:]


def _unpacked(packed: bytes) -> bytes:
    return zlib.decompressobj().decompress(packed, _MOST)
