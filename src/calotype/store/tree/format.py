"""The file format of a record: which files there were when a build had finished, each with its fingerprint.

A fingerprint is that of `ground.fingerprint`, or one of the marks below in its place.

This module is on the path of every no-op, so it imports nothing that takes time. A checkout may bring a record along:
what is read here is names and numbers, each held against the length of what holds it.
"""

from __future__ import annotations

import os
import zlib
from array import array
from itertools import chain

from calotype.ground.files import open_file
from calotype.ground.fingerprint import MEASURES, WIDTH, fingerprint_of
from calotype.ground.folders import CONTENT, TRAINING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    _Row = tuple[str, int, int, int, tuple[str, ...]]

MAGIC, SCHEMA = b"CALOREC\n", 2
MISSING = bytes(WIDTH)
UNTRUSTED = b"\xff" * WIDTH
FOLDER = b"\x01" * WIDTH
"""In the place of a fingerprint: no such file; one that may have changed unseen; a folder that has come."""

LARGEST = 1 << 28
"""Bytes of a record that is believed: those of millions of files."""
UNRECORDED_NAME = TRAINING.removeprefix(f"{CONTENT}/")
_PREFIX = len(MAGIC) + 20
_TEXTS = 5
_HAS_DIR_FD = os.stat in os.supports_dir_fd and os.listdir in os.supports_fd
_FOLDER_FLAGS = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)


class Folder:
    """The names in one folder and the fingerprint of each that is not a folder itself, in the same order.

    `names` is NUL-joined UTF-8. `inner` are the names of the folders in it, which have rows of their own.
    """

    __slots__ = ("fingerprints", "inner", "names")

    def __init__(self, names: bytes, fingerprints: bytes, inner: tuple[str, ...] = ()) -> None:
        self.names, self.fingerprints, self.inner = names, fingerprints, inner

    def entries(self) -> dict[str, bytes]:
        fingerprints = self.fingerprints
        return {name: fingerprints[at * WIDTH:(at + 1) * WIDTH] for at, name in enumerate(split(self.names))}


class Place:
    """An open folder, in which names are listed and looked at; by descriptor where the system can. Raises OSError,
    without `follow` also for a link to a folder."""

    __slots__ = ("_fd", "_path")

    def __init__(self, path: str, follow: bool = True) -> None:
        self._path = path
        self._fd = os.open(path, _FOLDER_FLAGS if follow else _FOLDER_FLAGS | os.O_NOFOLLOW) if _HAS_DIR_FD else -1

    def names(self) -> list[str]:
        return os.listdir(self._fd if _HAS_DIR_FD else self._path)

    def stat(self, name: str, follow: bool) -> os.stat_result:
        if _HAS_DIR_FD:
            return os.stat(name, dir_fd=self._fd, follow_symlinks=follow)
        return os.stat(os.path.join(self._path, name), follow_symlinks=follow)

    def fingerprints(self, names: Sequence[str], follow: bool = False) -> bytes:
        """The fingerprints of `names`, one after the other; MISSING for what cannot be looked at."""
        try:
            if not _HAS_DIR_FD:
                stats = [MEASURES(self.stat(name, follow)) for name in names]
            else:
                stat, fd = os.stat, self._fd
                stats = [MEASURES(stat(name, dir_fd=fd, follow_symlinks=follow)) for name in names]
            return array("q", chain.from_iterable(stats)).tobytes()
        except (OSError, OverflowError):
            return b"".join([self._fingerprint(name, follow) for name in names])

    def _fingerprint(self, name: str, follow: bool) -> bytes:
        try:
            return fingerprint_of(self.stat(name, follow))
        except OSError:
            return MISSING

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        if self._fd >= 0:
            os.close(self._fd)


def recorded_names(folder: str, names: list[str]) -> list[str]:
    """Those of the `names` in a folder that a record tells of: not TRAINING, which no build depends on."""
    return [name for name in names if name != UNRECORDED_NAME] if folder == CONTENT else names


def join(names: Iterable[str]) -> bytes:
    return "\0".join(names).encode("utf-8", "surrogateescape")


def split(names: bytes) -> list[str]:
    return names.decode("utf-8", "surrogateescape").split("\0") if names else []


def encode(key: bytes, summary: bytes, trees: Sequence[str], folders: dict[str, Folder],
           loose: Folder) -> bytes:
    """The record's file: magic, schema, header and body, each with its length and checksum."""
    rows: list[_Row] = []
    parts: list[bytes] = []
    at = 0
    for path, folder in [("", loose), *folders.items()]:
        middle = at + len(folder.names)
        end = middle + len(folder.fingerprints)
        rows.append((path, at, middle, end, folder.inner))
        parts += [folder.names, folder.fingerprints]
        at = end
    body = b"".join(parts)
    header = _header(key, summary, trees, rows)
    numbers = (SCHEMA, len(header), zlib.crc32(header), len(body), zlib.crc32(body))
    return MAGIC + array("I", numbers).tobytes() + header + body


def _header(key: bytes, summary: bytes, trees: Sequence[str], rows: Sequence[_Row]) -> bytes:
    """The lengths of five texts, the texts, and for each row where its names and its fingerprints end."""
    texts = (key, summary, join(trees), join(row[0] for row in rows), join("/".join(row[4]) for row in rows))
    ends = array("Q", chain.from_iterable((middle, end) for _, _, middle, end, _ in rows))
    return array("Q", map(len, texts)).tobytes() + b"".join(texts) + ends.tobytes()


def _parsed(header: bytes, body_at: int, data: bytes) -> tuple[bytes, bytes, tuple[str, ...], list[_Row]]:
    """The key, the summary, the trees and the rows. Raises ValueError for what `_header` does not write."""
    lengths = array("Q", header[:_TEXTS * 8])
    texts, at = [], _TEXTS * 8
    for length in lengths:
        texts.append(header[at:at + length])
        at += length
    key, summary, trees, paths, inners = texts
    ends = array("Q", header[at:])
    rows: list[_Row] = []
    start = body_at
    names = paths.decode("utf-8", "surrogateescape").split("\0")
    inner_names = inners.decode("utf-8", "surrogateescape").split("\0")
    for path, inner, middle, end in zip(names, inner_names, ends[::2], ends[1::2], strict=True):
        middle, end = middle + body_at, end + body_at
        count = data.count(b"\0", start, middle) + 1 if middle > start else 0
        if not start <= middle <= end <= len(data) or end - middle != count * WIDTH:
            raise ValueError("not a whole record")
        rows.append((path, start, middle, end, tuple(inner.split("/")) if inner else ()))
        start = end
    if rows[0][0]:
        raise ValueError("not a record")
    return key, summary, tuple(split(trees)), rows


class Encoded:
    """A record as it lies on disk. The header is proved when it is read, the body only when it disagrees with
    the disk: damage there can only look like a change."""

    __slots__ = ("_body_at", "_body_sum", "data", "key", "rows", "summary", "trees")

    def __init__(self, data: bytes) -> None:
        """Raises ValueError for anything but a whole record of this schema."""
        if len(data) < _PREFIX or data[:len(MAGIC)] != MAGIC:
            raise ValueError("not a record")
        schema, length, total, body_length, self._body_sum = array("I", data[len(MAGIC):_PREFIX])
        header = data[_PREFIX:_PREFIX + length]
        self._body_at = _PREFIX + length
        if schema != SCHEMA or len(data) != self._body_at + body_length or zlib.crc32(header) != total:
            raise ValueError("not a whole record")
        self.data = data
        self.key, self.summary, self.trees, self.rows = _parsed(header, self._body_at, data)

    def sound(self) -> bool:
        """Whether the body is what was written."""
        return zlib.crc32(memoryview(self.data)[self._body_at:]) == self._body_sum


def read(path: str) -> Encoded | None:
    """The record at `path`, or None if there is none that can be used."""
    try:
        with open_file(path, follow=False) as file:
            return Encoded(file.read(LARGEST))
    except (OSError, ValueError):
        return None
