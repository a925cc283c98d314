"""The process that builds while the gallery is open: a watch that tells each build to the server that started it, and
runs the commands of other terminals.

Two interpreters share no lock: no page waits for a turn between two steps of a build. The process is told what to build
by its standard input, and then by single bytes there; it ends at once when that is closed, as happens when the server
is gone, however that ended. What a worker prints goes to the error stream. Must not know HTTP, nor the pages.
"""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable
from functools import partial
from io import RawIOBase
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread
from typing import IO, Any, NoReturn

from calotype.api import KeptProject, Project
from calotype.ground.diagnostics import EXIT_BUG, Problem, error
from calotype.ground.events import Event
from calotype.ground.light_dataclass import dataclass
from calotype.ground.refusals import refused
from calotype.project.outcome import Outcome
from calotype.roof.cli.buglog import write_log
from calotype.roof.serve.service import Service
from calotype.roof.studio.building.freed import give_back_freed_memory, share_heaps
from calotype.roof.watch.hints import Hints
from calotype.roof.watch.watcher import Round, Watcher, WatchOptions

ASK, STOP = b"a", b"s"
"""What the server tells: to look at everything now, and to end when the picture in work is finished."""
Message = tuple[str, Any]
"""What the server is told: `progress` with (fields of the state, whether at once), a `note`, or what to `say`, or why a
command was not served (`more`) with its text, the `round` of a build, and at last that it has `ended`, with the
diagnostics and the exit code."""


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be built: the project at `root`, at once and at every change, or, without `watch`, when asked."""

    root: Path
    options: WatchOptions
    watch: bool


def main() -> None:
    """Builds until it is told to stop, or the project is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to every process; the server decides
    orders, answers = os.fdopen(os.dup(0), "rb", buffering=0), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    share_heaps()
    builds = Builds(pickle.load(orders), answers)
    Thread(target=builds.obey, args=(orders,), name="calotype-obey", daemon=True).start()
    builds.run()


class Builds:
    """Carries a task out, and writes a Message to `answers` for all that happens."""

    def __init__(self, task: Task, answers: IO[bytes]) -> None:
        self._task, self._answers, self._turn = task, answers, Lock()
        self._hints, self._stopping, self._asked = Hints(), Flag(), Flag()
        self._progress = Progress(self.tell)
        self._service: Service | None = None

    def tell(self, kind: str, value: Any) -> None:
        try:
            with self._turn:
                pickle.dump((kind, value), self._answers)
                self._answers.flush()
        except OSError:
            os._exit(1)

    def obey(self, orders: RawIOBase) -> NoReturn:
        while order := orders.read(1):
            if order == STOP:
                self._stopping.set()
            self._asked.set()
            self._hints.wake() if order == STOP else self._hints.everywhere()
            if order == STOP and self._service is not None:
                self._service.hand_back()
        os._exit(1)

    def run(self) -> None:
        try:
            with KeptProject(self._task.root) as project:
                self._watch(project) if self._task.watch else self._build_when_asked(project)
        except Problem as problem:
            self._end(problem)
        except Exception as bug:
            log = write_log(["studio"], bug, self._task.root)
            self._end(Problem(error("bug", f"this is a bug in Calotype: {type(bug).__name__}: {bug}",
                                    hint=f"the log is {log}; please report it"), EXIT_BUG))

    def _end(self, problem: Problem) -> None:
        self.tell("ended", (problem.diagnostics, problem.exit_code))

    def _watch(self, project: KeptProject) -> None:
        self._service = Service(project, self._hints.wake, partial(self.tell, "more"), alone=False)
        watcher = Watcher(project, self._task.options, self._stopping.is_set, self._progress,
                          partial(self.tell, "say"), self._hints, self._service, follows=True)
        for done in watcher.rounds():
            self._record(done)

    def _build_when_asked(self, project: Project) -> None:
        options = self._task.options
        build = partial(
            project.build, options.targets, jobs=options.jobs, keep_going=options.keep_going,
            executor=options.executor, preview=options.preview, listener=self._progress, cancel=self._stopping.is_set)
        self._record(Round((), _tried(project.plan)))
        while not self._stopping.is_set():
            self._asked.wait()
            self._asked.clear()
            if not self._stopping.is_set():
                self._record(Round((), _tried(build)))

    def _record(self, done: Round) -> None:
        self.tell("round", done)
        give_back_freed_memory()


def _tried(action: Callable[[], Outcome]) -> Outcome:
    try:
        return action()
    except Problem as problem:
        return Outcome(diagnostics=tuple(problem.diagnostics))
    except OSError as refusal:
        return Outcome(failed=1, diagnostics=(refused(refusal),), halted=True)


class Progress:
    """Listens to builds, and tells how far the one at work is."""

    def __init__(self, tell: Callable[[str, Any], None]) -> None:
        self._tell = tell
        self._planned = self._done = self._pages = 0

    def __call__(self, event: Event) -> None:
        fields = event.fields
        if event.kind == "plan.ready":
            self._planned, self._done = sum(fields.get("actions", {}).values()), 0
            if self._planned:
                self._set(building=True, progress={"done": 0, "of": self._planned, "target": ""})
        elif event.kind == "action.started":
            self._set(progress={"done": self._done, "of": self._planned, "target": fields.get("target", "")})
        elif event.kind in ("action.finished", "action.failed"):
            self._done += 1
            self._show_pages()
            self._set(progress={"done": self._done, "of": self._planned, "target": fields.get("target", "")})
        elif event.kind == "previews.shown":
            self._show_pages(at_once=True)
        elif event.kind == "note":
            self._tell("note", fields.get("message", ""))

    def _show_pages(self, *, at_once: bool = False) -> None:
        """Pages may show more than they did, though the build is not over: with previews they do."""
        self._pages += 1
        self._set(at_once=at_once, pages=self._pages)

    def _set(self, *, at_once: bool = False, **fields: Any) -> None:
        self._tell("progress", (fields, at_once))
