"""The one thread that decides: decisions that wait are taken together, in a project that stays open. Must not know
HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from calotype.api import KeptProject
from calotype.language.decisions import Decision
from calotype.project.answers import AskedDecision

MOST = 64
"""Decisions that are taken together, at the most."""
_Waiting = tuple[AskedDecision, "Future[Sequence[Decision]]"]


class Decider:
    """Decides in the project at `root`, until `close`. What decisions read stays open; each time the files are looked
    at anew."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread: Thread | None = None

    async def take(self, asked: AskedDecision) -> Sequence[Decision]:
        """What was decided, or taken back. Raises what the decision itself would. A client that goes away takes nothing
        back."""
        if self._thread is None:
            self._thread = Thread(target=self._run, name="calotype-decider")
            self._thread.start()
        answer: Future[Sequence[Decision]] = Future()
        self._queue.put((asked, answer))
        return await asyncio.wrap_future(answer)

    def close(self) -> None:
        """Takes what is asked for already, and ends."""
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with KeptProject(self._root) as project:  # on the thread that uses it: its databases belong to that one
            while waiting := self._waiting():
                answers = _answers(project, [asked for asked, _ in waiting])
                for (_, future), answer in zip(waiting, answers, strict=True):
                    if not future.set_running_or_notify_cancel():
                        continue
                    if isinstance(answer, Exception):
                        future.set_exception(answer)
                    else:
                        future.set_result(answer)

    def _waiting(self) -> list[_Waiting]:
        """Those that wait, as soon as one does; none when all is to end."""
        first = self._queue.get()
        if first is None:
            return []
        waiting = [first]
        while len(waiting) < MOST:
            try:
                other = self._queue.get_nowait()
            except Empty:
                break
            if other is None:
                self._queue.put(None)
                break
            waiting.append(other)
        return waiting


def _answers(project: KeptProject, asked: Sequence[AskedDecision]) -> Sequence[Sequence[Decision] | Exception]:
    try:
        return project.decide_together(asked)
    except Exception as bug:  # it is told to who asked, and the next are taken
        return [bug] * len(asked)
