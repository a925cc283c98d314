"""Memory as a process that waits for the next edit needs it: little, and what was freed given back to the system.

Where the C library is not glibc, nothing is done.
"""

from __future__ import annotations

ARENAS = 2
"""Heaps that threads share. By itself glibc gives them up to eight for each core, and each keeps what it once had."""
_M_ARENA_MAX = -8


def share_heaps() -> None:
    """Has all threads that are yet to start share few heaps."""
    _call("mallopt", _M_ARENA_MAX, ARENAS)


def give_back_freed_memory() -> None:
    """Gives freed memory back to the system. It takes some milliseconds."""
    _call("malloc_trim", 0)


def _call(name: str, *values: int) -> None:
    import ctypes

    try:
        function = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):
        return
    function(*values)
