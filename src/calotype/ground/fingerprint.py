"""Fingerprints: what one `stat` says of a file, and when it can be relied on. Must not know what a file is for.

A fingerprint holds size, mtime, ctime (ns) and inode, in 32 bytes. Two equal ones mean the same content, if the first
was taken after the file system's clock had moved on (`is_settled`).

This module is on the path of every no-op, so it imports nothing that takes time.
"""

from __future__ import annotations

import os
from _operator import attrgetter
from array import array

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 32
COARSE_NS, FINE_NS = 2_000_000_000, 50_000_000
"""The longest ticks of a file system's clock that is written down in whole milliseconds (FAT), and of any other."""

MEASURES = attrgetter("st_size", "st_mtime_ns", "st_ctime_ns", "st_ino")
"""The four numbers of a fingerprint, of what `stat` gave."""
_LARGEST = 0x7FFF_FFFF_FFFF_FFFF


def fingerprint_of(status: os.stat_result) -> bytes:
    return packed(MEASURES(status))


def packed(measures: Sequence[int]) -> bytes:
    """The fingerprint of a file with these four measures; of a larger number (an inode) the low 63 bits."""
    try:
        return array("q", measures).tobytes()
    except OverflowError:
        return array("q", [measure & _LARGEST for measure in measures]).tobytes()


def fingerprint_at(path: str | os.PathLike[str]) -> bytes:
    """The fingerprint of the file that lies at `path` now, links followed. Raises OSError."""
    return fingerprint_of(os.stat(path))


def measures(fingerprint: bytes) -> tuple[int, int, int, int]:
    """Size in bytes, mtime and ctime in nanoseconds, inode."""
    size, mtime, ctime, inode = array("q", fingerprint)
    return size, mtime, ctime, inode


def is_settled(fingerprint: bytes, seen_ns: int, *, ours: bool = False, same_clock: bool = True) -> bool:
    """Whether a fingerprint taken at `seen_ns` would differ after any later change of the file.

    A change in the same tick of the file system's clock leaves the same times. A tick is two seconds at worst (FAT),
    ten milliseconds on file systems that count below the millisecond. `ours`: Calotype itself has just put the file in
    place and knows its content; nobody is expected to change it in the same fine tick. `same_clock`: `seen_ns` is by
    the file system's clock; where it is this machine's, the worst tick is allowed for.
    """
    _size, mtime, ctime, _inode = measures(fingerprint)
    changed = ctime if os.name == "posix" else mtime
    if same_clock and changed % 1_000_000:
        return ours or changed < seen_ns - FINE_NS
    return changed < seen_ns - COARSE_NS
