"""The one thread that decides: decisions come one after the other, in a project that stays open from one to the next.
Must not know HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from calotype.api import KeptProject, Project

T = TypeVar("T")


class Decider:
    """Decides in the project at `root`, until `close`. What decisions read stays open; each looks at the files anew."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="calotype-decider")
        self._opened = ExitStack()
        self._project: KeptProject | None = None

    async def take(self, decision: Callable[[Project], T]) -> T:
        """What `decision` returns of the project, when all that were asked for before are taken. A client that goes
        away takes nothing back."""
        return await asyncio.wrap_future(self._thread.submit(lambda: decision(self._open())))

    def close(self) -> None:
        """Takes what is asked for already, and ends."""
        self._thread.submit(self._opened.close)
        self._thread.shutdown()

    def _open(self) -> KeptProject:
        """The project, opened on the thread that uses it: its databases belong to that one."""
        if self._project is None:
            self._project = self._opened.enter_context(KeptProject(self._root))
        return self._project
