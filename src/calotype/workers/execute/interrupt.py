"""^C, twice: the first asks to stop, the second insists. Must not know what is stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interruptible(notice: Callable[[], None] = lambda: None) -> Iterator[Callable[[], bool]]:
    """Gives a function that turns true at the first SIGINT; the second raises KeyboardInterrupt, as ever.

    `notice` is called at the first, inside the signal's handler: it must not touch a buffered stream
    (`os.write` is safe). Off the main thread signals cannot be caught, and the function stays false.
    """
    asked = threading.Event()

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()
        notice()

    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)
