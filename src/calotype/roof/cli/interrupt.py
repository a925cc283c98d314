"""^C in two steps: the first asks to stop cleanly, the second stops at once."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

from calotype.roof.cli.stdout import echo_err

STOPPING = "\nstopping after what is being rendered now; once more to stop at once"


class Interrupt:
    """While entered, the first SIGINT or SIGTERM makes `requested()` true, prints `message` and calls
    `wake`, which returns at once; the next raises KeyboardInterrupt."""

    def __init__(self, message: str = STOPPING, wake: Callable[[], None] = lambda: None) -> None:
        self._message, self._wake = message, wake
        self._requested = False
        self._before: dict[signal.Signals, Any] = {}

    def requested(self) -> bool:
        return self._requested

    def __enter__(self) -> Interrupt:
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                self._before[number] = signal.signal(number, self._on_signal)
            except ValueError:  # not the main thread: whoever owns the process handles its signals
                break
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._requested:
            raise KeyboardInterrupt
        self._requested = True
        echo_err(self._message)
        self._wake()
