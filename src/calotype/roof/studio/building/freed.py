"""Memory as a process that waits for the next edit needs it: little, and what was freed given back to the system.

Where the C library is not glibc, nothing is done.
"""

from __future__ import annotations

import gc
from threading import Lock, Timer

ARENAS = 2
"""Heaps that threads share. By itself glibc gives them up to eight for each core, and each keeps what it once had."""
LARGE = 256 * 1024
"""Bytes from which on a piece of memory is the system's again as soon as it is freed. By itself glibc takes the largest
piece that it has seen freed, up to 32 MiB, and keeps those below it in its heaps."""
EVERY = 1.0
"""Seconds from when something is done until what was freed is given back."""
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8


def share_heaps() -> None:
    """Has all threads that are yet to start share few heaps, in which nothing large lies."""
    _call("mallopt", _M_ARENA_MAX, ARENAS)
    _call("mallopt", _M_MMAP_THRESHOLD, LARGE)


def give_back_freed_memory() -> None:
    """Gives freed memory back to the system, and what only cycles hold: plans know their workspace. It takes some
    milliseconds."""
    gc.collect()
    _call("malloc_trim", 0)


class GivesBack:
    """Gives freed memory back a second after something was done, and once in a second while more is."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._is_due = False

    def soon(self) -> None:
        """Something was done."""
        with self._lock:
            if self._is_due:
                return
            self._is_due = True
        timer = Timer(EVERY, self._give)
        timer.daemon = True
        timer.start()

    def _give(self) -> None:
        with self._lock:
            self._is_due = False
        give_back_freed_memory()


def _call(name: str, *values: int) -> None:
    import ctypes

    try:
        function = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return
    function(*values)
