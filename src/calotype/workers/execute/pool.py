"""A bounded number of threads that perform batches, and one bounded queue back to the caller's thread.

It knows nothing of workers: what a thread does with a batch is given to it.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any, Protocol

from calotype.workers.work import Answer, Source, Work

PATIENCE = 1.0
"""Seconds that a run given up waits for its threads. They are daemons: none keeps the process alive."""
_TICK = 0.2  # Windows cannot interrupt a wait without a time limit
_OVER, _NOTHING_YET = object(), object()


class Place(Protocol):
    """One place of work, driven by one thread of its own."""

    def perform(self, work: Work, cancel: Callable[[], bool]) -> Iterator[Answer[Any]]: ...

    def stop(self) -> None:
        """Called on the caller's thread, again and again, once `cancel()` is true and the place is still at work."""

    def close(self) -> None:
        """Called on the caller's thread when the run is over or given up."""


class Pool:
    """Places that start when there is work for them. Answers come back on the caller's thread."""

    def __init__(
        self, source: Source, places: list[Place], cancel: Callable[[], bool]
    ) -> None:
        self._source, self._places, self._cancel = source, places, cancel
        self._inboxes: list[queue.SimpleQueue[Work | None]] = [queue.SimpleQueue() for _ in places]
        self._outbox: queue.Queue[tuple[int, Any]] = queue.Queue(maxsize=len(places))
        self._closed = threading.Event()
        self._threads: dict[int, threading.Thread] = {}
        self._busy: set[int] = set()

    def run(self) -> Generator[Answer[Any], None, None]:
        try:
            while True:
                self._fill()
                if not self._busy:
                    return
                number, message = self._receive()
                if message is _NOTHING_YET:
                    continue
                if message is _OVER:
                    self._busy.discard(number)
                elif isinstance(message, BaseException):
                    raise message
                else:
                    yield message
        finally:
            self._close()

    def _fill(self) -> None:
        for number in range(len(self._places)):
            if number in self._busy:
                continue
            if self._cancel():
                return
            if (work := self._source(number)) is None:  # another place may keep something else busy
                continue
            if number not in self._threads:
                thread = threading.Thread(target=self._work, args=(number,), name="calotype-work", daemon=True)
                thread.start()
                self._threads[number] = thread
            self._busy.add(number)
            self._inboxes[number].put(work)

    def _receive(self) -> tuple[int, Any]:
        """The next answer; `_NOTHING_YET` when there is none for a while: idle places may get work without one."""
        if self._cancel():
            for number in self._busy:
                self._places[number].stop()
        try:
            return self._outbox.get(timeout=_TICK)
        except queue.Empty:
            return -1, _NOTHING_YET

    def _work(self, number: int) -> None:
        """A thread's life. Whatever ends a batch is told to the caller's thread: it would wait for ever."""
        while (work := self._inboxes[number].get()) is not None:
            try:
                for answer in self._places[number].perform(work, self._stopped):
                    self._offer(number, answer)
                self._offer(number, _OVER)
            except BaseException as error:
                self._offer(number, error)

    def _offer(self, number: int, message: object) -> None:
        while not self._closed.is_set():
            try:
                return self._outbox.put((number, message), timeout=_TICK)
            except queue.Full:
                continue

    def _stopped(self) -> bool:
        return self._closed.is_set() or self._cancel()

    def _close(self) -> None:
        """Closes every place and ends the threads, even where closing one place raises: that is raised at the end."""
        self._closed.set()
        with ExitStack() as closing:
            closing.callback(self._end_threads, time.monotonic() + PATIENCE)
            for place in self._places:
                closing.callback(place.close)

    def _end_threads(self, deadline: float) -> None:
        for number in self._threads:
            self._inboxes[number].put(None)
        for thread in self._threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))
