"""Bugs of the server: each into a log, one line for whoever looks at the terminal. Must not know HTTP."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, error
from calotype.roof.cli.buglog import write_log

LOGGERS = ("uvicorn", "asyncio")
"""What the libraries below would print by themselves: a traceback for a bug, a line for each odd request."""


class Bugs(logging.Handler):
    """Takes bugs: those that are told to it, and those that LOGGERS tell of. Each kind is written once."""

    def __init__(self, root: Path, say: Callable[[str], None]) -> None:
        super().__init__(logging.ERROR)
        self._root, self._say = root, say
        self._told: dict[str, Diagnostic] = {}

    def install(self) -> None:
        """Has LOGGERS tell it, and nobody else."""
        for name in LOGGERS:
            logger = logging.getLogger(name)
            logger.handlers[:], logger.propagate = [self], False

    def emit(self, record: logging.LogRecord) -> None:
        bug = record.exc_info[1] if record.exc_info else None
        if isinstance(bug, Exception) and not isinstance(bug, OSError):
            self.take(bug)

    def take(self, bug: Exception) -> Diagnostic:
        """Writes the log of `bug`, and says so. Returns what its request is told."""
        kind = f"{type(bug).__name__}: {bug}"
        if kind not in self._told and len(self._told) < 100:
            log = write_log(["studio"], bug, self._root)
            self._told[kind] = error("bug", f"this is a bug in Calotype: {kind}",
                                     hint=f"the log is {log}; please report it")
            self._say(self._told[kind].message + "\n" + (self._told[kind].hint or ""))
        return self._told.get(kind) or error("bug", f"this is a bug in Calotype: {kind}")
