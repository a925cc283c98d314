"""Terminals of Windows, as a command over the loopback prints to them. Nothing here is imported elsewhere."""

from __future__ import annotations

import sys
from typing import Any

_PROCESSED = 0x0004
"""ENABLE_VIRTUAL_TERMINAL_PROCESSING of the console's mode."""
_HANDLES = -11, -12
"""STD_OUTPUT_HANDLE and STD_ERROR_HANDLE."""


def obeys_escapes() -> bool:
    """Whether those of stdout and stderr that are terminals obey escape sequences; they are asked to."""
    import ctypes

    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009
    for number, stream in zip(_HANDLES, (sys.__stdout__, sys.__stderr__), strict=True):
        if stream is None or not stream.isatty():
            continue
        handle, mode = kernel.GetStdHandle(number), ctypes.c_ulong()
        if not kernel.GetConsoleMode(handle, ctypes.byref(mode)):
            return False
        if not mode.value & _PROCESSED and not kernel.SetConsoleMode(handle, mode.value | _PROCESSED):
            return False
    return True


def write(number: int, content: bytes) -> int:
    """Writes UTF-8 to stdout (1) or stderr (2), as Python does to a terminal; returns how many bytes it took."""
    stream: Any = sys.__stdout__ if number == 1 else sys.__stderr__
    return int(stream.buffer.raw.write(content) or 0)
