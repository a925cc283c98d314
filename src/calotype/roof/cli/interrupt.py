"""^C in two steps: the first asks to stop cleanly, the second stops at once. Must not know what it stops."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

from calotype.roof.cli.stdout import echo_err

STOPPING = "\nstopping after what is being rendered now; once more to stop at once"


class Interrupt:
    """While entered, the first SIGINT or SIGTERM makes `asked()` true, says `message` and calls `wake`, which must not
    wait for anything; the next raises KeyboardInterrupt."""

    def __init__(self, message: str = STOPPING, wake: Callable[[], None] = lambda: None) -> None:
        self._message, self._wake = message, wake
        self._asked = False
        self._before: dict[signal.Signals, Any] = {}

    def asked(self) -> bool:
        return self._asked

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
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        echo_err(self._message)
        self._wake()
