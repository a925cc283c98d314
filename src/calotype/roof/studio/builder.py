"""The builds while the gallery is open, as the server knows them: a process makes them, and they are told to the feed.
Must not know HTTP."""

from __future__ import annotations

import json
import os
import pickle
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread
from typing import TYPE_CHECKING

from calotype.ground.diagnostics import EXIT_FAILED, Problem, error
from calotype.ground.light_dataclass import dataclass
from calotype.project.outcome import Outcome
from calotype.roof.studio.building.build_process import ASK, STOP, Message, Task
from calotype.roof.studio.code_frame import framed
from calotype.roof.studio.feed import Feed
from calotype.roof.watch.watcher import Round, WatchOptions

if TYPE_CHECKING:
    import subprocess

BUILDS_KEPT = 50
"""Builds since the start that are remembered."""
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); "
    "from calotype.roof.studio.building.build_process import main; main()"
)


@dataclass(frozen=True, slots=True)
class BuildRow:
    """One build since the start: its number from 1, when it ended (seconds since the epoch), the paths that led to it,
    and what it came to."""

    number: int
    at: float
    changed: tuple[str, ...]
    outcome: Outcome


class Builder:
    """Builds the project at `root` at once and at every change, or, without `watch`, when it is asked to. With a watch
    it runs the commands of other terminals too; `say_more` is told which it did not."""

    def __init__(self, root: Path, feed: Feed, options: WatchOptions, say: Callable[[str], None], *,
                 watch: bool = True, say_more: Callable[[str], None] = lambda message: None) -> None:
        self.root, self._feed, self._say, self._say_more = root, feed, say, say_more
        self.watches = watch
        self._task = Task(root, options, watch)
        self._stopping = Flag()
        self._lock = Lock()
        self._rows: deque[BuildRow] = deque(maxlen=BUILDS_KEPT)
        self._number = 0
        self._left: dict[str, str] = {}
        self.ended: Problem | None = None
        """Why it builds no more, where the project itself is gone, or the process is."""
        self._process: subprocess.Popen[bytes] | None = None
        self._thread: Thread | None = None

    def start(self) -> None:
        import subprocess

        process = self._process = subprocess.Popen(  # a session of its own: the signals of a terminal are the server's
            [sys.executable, "-c", _BOOT, json.dumps(sys.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True)
        assert process.stdin is not None
        with suppress(OSError):
            pickle.dump(self._task, process.stdin)
            process.stdin.flush()
        self._thread = Thread(target=self._hear, args=(process,), name="calotype-builder")
        self._thread.start()
        if self._stopping.is_set():
            self.stop()

    def stop(self) -> None:
        """Asks it to end when the picture in work is finished. Safe in a signal handler."""
        self._stopping.set()
        self._tell(STOP)

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def ask(self) -> None:
        """Looks at everything now, and builds what is not up to date."""
        self._tell(ASK)

    def _tell(self, order: bytes) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError, ValueError):  # it has ended
                os.write(self._process.stdin.fileno(), order)

    @property
    def rows(self) -> tuple[BuildRow, ...]:
        """The latest builds, the newest first."""
        with self._lock:
            return tuple(reversed(self._rows))

    @property
    def left(self) -> dict[str, str]:
        """The targets that the latest build left awaiting a person, failed or skipped, by their names, with what they
        are."""
        with self._lock:
            return dict(self._left)

    def _hear(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None
        with suppress(EOFError, pickle.UnpicklingError):
            while True:
                self._take(pickle.load(process.stdout))
        code = process.wait()
        process.stdin.close()
        process.stdout.close()
        if self.ended is None and not self._stopping.is_set():
            how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
            self._end(Problem(error("builder", f"the process that builds {how}",
                                    hint="what was finished is kept: start Studio again"), EXIT_FAILED))

    def _take(self, message: Message) -> None:
        kind, value = message
        if kind == "progress":
            fields, at_once = value
            self._feed.set(at_once=at_once, **fields)
        elif kind == "round":
            self._record(value)
        elif kind == "note":
            self._feed.note("build", message=value)
        elif kind == "say":
            self._feed.note("watch", message=value)
            self._say(value)
        elif kind == "more":
            self._say_more(value)
        else:
            self._end(Problem(*value))

    def _end(self, problem: Problem) -> None:
        self.ended = problem
        self._feed.set(ended=[diagnostic.as_json() for diagnostic in problem.diagnostics], building=False)

    def _record(self, done: Round) -> None:
        """A build that a newer edit cut short tells only what it finished: the next one tells the rest."""
        outcome = done.outcome
        invalid = any(diagnostic.severity == "error" for diagnostic in outcome.diagnostics) and not outcome.targets
        with self._lock:
            self._number += 1
            self._rows.append(BuildRow(self._number, time.time(), done.changed, outcome))
            if not done.superseded and not invalid:
                self._left = {target.target: target.status for target in outcome.targets
                              if target.status in ("awaiting", "failed", "skipped")}
        if done.superseded:
            self._feed.set(builds=self._number)
            return
        diagnostics = [{**diagnostic.as_json(), "frame": framed(self.root, diagnostic)}
                       for diagnostic in outcome.diagnostics[:BUILDS_KEPT]]
        self._feed.set(
            at_once=True, building=False, invalid=invalid, diagnostics=diagnostics, builds=self._number,
            **({} if invalid else {"awaiting": outcome.awaiting, "failed": outcome.failed}),
            latest={"renders": outcome.renders, "up_to_date": outcome.up_to_date, "removed": outcome.removed,
                    "seconds": round(outcome.seconds, 3), "targets": [
                        [target.target, target.status] for target in outcome.targets[:BUILDS_KEPT]]})
