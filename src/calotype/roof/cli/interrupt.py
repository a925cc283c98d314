"""^C in two steps: the first asks to stop cleanly, the second stops at once. A terminal that is closed asks as well."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

from calotype.roof.cli.stdout import echo_err

STOPPING = "\nstopping after what is being rendered now; once more to stop at once"


STOPS = tuple(signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__)


class Interrupt:
    """While entered, the first of STOPS makes `requested()` true, prints `message` and calls `wake`, which returns at
    once; the next raises KeyboardInterrupt, unless it is SIGHUP, which a shell and the system may both send. One that
    the parent has told this process to ignore (`nohup`, a shell's `&`) is ignored."""

    def __init__(self, message: str = STOPPING, wake: Callable[[], None] = lambda: None) -> None:
        self._message, self._wake = message, wake
        self._requested = False
        self._before: dict[signal.Signals, Any] = {}

    def requested(self) -> bool:
        return self._requested

    def __enter__(self) -> Interrupt:
        for number in STOPS:
            if signal.getsignal(number) == signal.SIG_IGN:
                continue
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
            if number == getattr(signal, "SIGHUP", None):
                return
            raise KeyboardInterrupt
        self._requested = True
        echo_err(self._message)
        self._wake()
