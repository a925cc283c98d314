"""The thread that builds while the gallery is open: a watch whose builds are told to the feed. Must not know HTTP."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread

from calotype.api import KeptProject, Project
from calotype.ground.diagnostics import EXIT_BUG, Problem, error
from calotype.ground.events import Event
from calotype.ground.light_dataclass import dataclass
from calotype.ground.refusals import refused
from calotype.project.outcome import Outcome
from calotype.roof.cli.buglog import write_log
from calotype.roof.studio.code_frame import framed
from calotype.roof.studio.feed import Feed
from calotype.roof.studio.freed import give_back_freed_memory
from calotype.roof.watch.hints import Hints
from calotype.roof.watch.watcher import Round, Watcher, WatchOptions

BUILDS_KEPT = 50
"""Builds since the start that are remembered."""


@dataclass(frozen=True, slots=True)
class BuildRow:
    """One build since the start: its number from 1, when it ended (seconds since the epoch), the paths that led to it,
    and what it came to."""

    number: int
    at: float
    changed: tuple[str, ...]
    outcome: Outcome


class Builder:
    """Builds the project at `root` at once and at every change, or, without `watch`, when it is asked to."""

    def __init__(self, root: Path, feed: Feed, options: WatchOptions, say: Callable[[str], None], *,
                 watch: bool = True) -> None:
        self.root, self._feed, self._options, self._say, self._watch = root, feed, options, say, watch
        self._hints = Hints()
        self._stopping = Flag()
        self._asked = Flag()
        self._lock = Lock()
        self._rows: deque[BuildRow] = deque(maxlen=BUILDS_KEPT)
        self._number = 0
        self._left: dict[str, str] = {}
        self._progress = _Progress(feed)
        self.ended: Problem | None = None
        """Why it builds no more, where the project itself is gone."""
        self._thread = Thread(target=self._run, name="calotype-builder")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Asks it to end when the picture in work is finished. Safe in a signal handler."""
        self._stopping.set()
        self._asked.set()
        self._hints.wake()

    def join(self) -> None:
        self._thread.join()

    def ask(self) -> None:
        """Looks at everything now, and builds what is not up to date."""
        self._asked.set()
        self._hints.everywhere()

    @property
    def watches(self) -> bool:
        """Whether it builds by itself when something changes."""
        return self._watch

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

    def _run(self) -> None:
        try:
            with KeptProject(self.root) as project:
                if self._watch:
                    watcher = Watcher(
                        project, self._options, self._stopping.is_set, self._progress, self._tell, self._hints)
                    for done in watcher.rounds():
                        self._record(done)
                        give_back_freed_memory()
                else:
                    self._build_when_asked(project)
        except Problem as problem:
            self._end(problem)
        except Exception as bug:
            log = write_log(["studio"], bug, self.root)
            self._end(Problem(error("bug", f"this is a bug in Calotype: {type(bug).__name__}: {bug}",
                                    hint=f"the log is {log}; please report it"), EXIT_BUG))

    def _end(self, problem: Problem) -> None:
        self.ended = problem
        self._feed.set(ended=[diagnostic.as_json() for diagnostic in problem.diagnostics], building=False)

    def _build_when_asked(self, project: Project) -> None:
        options = self._options
        build = partial(
            project.build, options.targets, jobs=options.jobs, keep_going=options.keep_going,
            executor=options.executor, preview=options.preview, listener=self._progress, cancel=self._stopping.is_set)
        self._record(Round((), _tried(project.plan)))
        while not self._stopping.is_set():
            self._asked.wait()
            self._asked.clear()
            if not self._stopping.is_set():
                self._record(Round((), _tried(build)))

    def _tell(self, message: str) -> None:
        self._feed.note("watch", message=message)
        self._say(message)

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


def _tried(action: Callable[[], Outcome]) -> Outcome:
    try:
        return action()
    except Problem as problem:
        return Outcome(diagnostics=tuple(problem.diagnostics))
    except OSError as refusal:
        return Outcome(failed=1, diagnostics=(refused(refusal),), halted=True)


class _Progress:
    """Listens to builds, and tells the feed how far the one at work is."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._planned = self._done = self._pages = 0

    def __call__(self, event: Event) -> None:
        fields = event.fields
        if event.kind == "plan.ready":
            self._planned, self._done = sum(fields.get("actions", {}).values()), 0
            if self._planned:
                self._feed.set(building=True, progress={"done": 0, "of": self._planned, "target": ""})
        elif event.kind == "action.started":
            self._feed.set(progress={"done": self._done, "of": self._planned, "target": fields.get("target", "")})
        elif event.kind in ("action.finished", "action.failed"):
            self._done += 1
            self._show_pages()
            self._feed.set(progress={"done": self._done, "of": self._planned, "target": fields.get("target", "")})
        elif event.kind == "previews.shown":
            self._show_pages(at_once=True)
        elif event.kind == "note":
            self._feed.note("build", message=fields.get("message", ""))

    def _show_pages(self, *, at_once: bool = False) -> None:
        """Pages may show more than they did, though the build is not over: with previews they do."""
        self._pages += 1
        self._feed.set(at_once=at_once, pages=self._pages)
