"""Memory that was freed, given back to the system: a process that waits for the next edit has no use for it."""

from __future__ import annotations


def give_back_freed_memory() -> None:
    """Where the C library is glibc; elsewhere it does nothing. It takes some milliseconds."""
    import ctypes

    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return
    trim(0)
