"""^C in two steps: the first asks to stop cleanly, the second stops at once. A terminal that is closed asks as well."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, ClassVar, Protocol

from calotype.roof.cli.stdout import echo_err

STOPPING = "\nstopping after what is being rendered now; once more to stop at once"


STOPS = tuple(signal.Signals[name] for name in ("SIGINT", "SIGTERM", "SIGHUP") if name in signal.Signals.__members__)


class Elsewhere(Protocol):
    """Where stops come from in the place of this process's signals, which are somebody else's then."""

    def enter(self, interrupt: Interrupt) -> None: ...

    def must_end(self) -> bool:
        """Whether the work is to end for a reason that nobody is told of."""

    def leave(self) -> None:
        """What it raises takes the place of whatever the work came to."""


class Interrupt:
    """While entered, the first of STOPS makes `requested()` true, prints `message` and calls `wake`, which returns at
    once; the next raises KeyboardInterrupt, unless it is SIGHUP, which a shell and the system may both send. One that
    the parent has told this process to ignore (`nohup`, a shell's `&`) is ignored. `tell` prints the message."""

    elsewhere: ClassVar[Elsewhere | None] = None
    """Where those that are entered now are stopped from."""

    def __init__(self, message: str = STOPPING, wake: Callable[[], None] = lambda: None,
                 tell: Callable[[str], None] = echo_err) -> None:
        self._message, self._wake, self._tell = message, wake, tell
        self._requested = False
        self._before: dict[signal.Signals, Any] = {}
        self._elsewhere: Elsewhere | None = None

    def requested(self) -> bool:
        return self._requested or (self._elsewhere is not None and self._elsewhere.must_end())

    def ask(self) -> None:
        """Asks to stop cleanly."""
        self._requested = True
        self._tell(self._message)
        self._wake()

    def __enter__(self) -> Interrupt:
        self._elsewhere = Interrupt.elsewhere
        if self._elsewhere is not None:
            self._elsewhere.enter(self)
            return self
        for number in STOPS:
            if signal.getsignal(number) == signal.SIG_IGN:
                continue
            try:
                self._before[number] = signal.signal(number, self._on_signal)
            except ValueError:  # not the main thread: whoever owns the process handles its signals
                break
        return self

    def __exit__(self, *_: object) -> None:
        elsewhere, self._elsewhere = self._elsewhere, None
        if elsewhere is not None:
            elsewhere.leave()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._requested:
            if number == getattr(signal, "SIGHUP", None):
                return
            raise KeyboardInterrupt
        self.ask()
