"""One build from look to record. Must not know of terminals, nor how any step is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from calotype.build import noop
from calotype.build.aims import Aims
from calotype.build.desk import Desk
from calotype.build.examine import Examination, Found
from calotype.build.ledger import Ledger
from calotype.build.leftovers import leftovers
from calotype.build.outcome import Outcome, TargetOutcome
from calotype.build.profile import Profile
from calotype.build.publishing import Publishing
from calotype.build.run import Run
from calotype.build.select import by_spec
from calotype.build.sheets import Sheets
from calotype.build.survey import EVERYTHING, left_out, survey
from calotype.build.traces import Traces
from calotype.build.workshop import open_workshop
from calotype.engine.rebuild import Need
from calotype.ground.diagnostics import raise_errors
from calotype.ground.events import Events, Listener, logged
from calotype.ground.lock import build_lock
from calotype.results.publish.manifest import Line
from calotype.results.sheet.seal import break_seal, forget_broken_seals
from calotype.workers.execute import registry

DONE = ("rendered", "cached", "restored")


@dataclass(frozen=True, slots=True)
class Options:
    """What a build was asked for. `jobs`: batches at a time; `offline`: no network."""

    targets: tuple[str, ...] = ()
    profile: Profile = field(default_factory=Profile)
    jobs: int = 1
    keep_going: bool = True
    offline: bool = False
    executor: str = "local"


def build(root: Path, options: Options, listener: Listener | None, cancel: Callable[[], bool]) -> Outcome:
    """Renders what is missing and publishes it. Raises Problem when anything is invalid: nothing was touched then."""
    started = time.perf_counter()
    listeners = [listener] if listener else []
    try:
        with (build_lock(root, _Waiting(root, Events(*listeners), cancel)),
              logged(root / "build" / "logs", *listeners) as events):
            work = _Build(root, options, events)
            try:
                work.examine(cancel)
                work.carry_out(cancel)
                outcome = work.outcome(time.perf_counter() - started)
            finally:
                work.close()
            events.emit("build.finished", **outcome.as_json())
            return outcome
    except _Stopped:
        return Outcome(seconds=time.perf_counter() - started)


class _Stopped(Exception):
    """The build was cancelled before it did anything."""


class _Waiting:
    """What is done while another build holds the project: it is said once, and a cancel ends the wait."""

    def __init__(self, root: Path, events: Events, cancel: Callable[[], bool]) -> None:
        self._root, self._events, self._cancel = root, events, cancel
        self._said = False

    def __call__(self, holder: int | None) -> None:
        if self._cancel():
            raise _Stopped
        if not self._said:
            self._said = True
            noop.forget(str(self._root))
            who = f" (process {holder})" if holder else ""
            self._events.emit("note", message=f"another build is at work here{who}: waiting for it to end")


class _Build:
    """The steps of one build, and what they leave for each other."""

    def __init__(self, root: Path, options: Options, events: Events) -> None:
        look = None if options.profile.overrides else noop.look(str(root))
        self._options, self._events = options, events
        self._ledger = None if options.profile.overrides else Ledger(root, look)
        self._shop = open_workshop(root, options.profile, create=True)
        if self._ledger is not None:
            self._shop.inputs.watch = self._ledger.watch
        self._survey = survey(root, look, self._shop.state)
        self._shop.world.complete = not self._survey.whole
        self._desk = Desk(root, self._shop.world.shared)
        self._publishing = Publishing(self._shop.world)
        self._traces = Traces(root) if self._ledger is not None else None
        self._run = Run(
            self._shop.world, self._desk, self._publishing, events, options.jobs, options.keep_going, self._traces)
        self._examination = Examination(self._shop, self._survey, self._desk)
        self._aims = Aims(options.targets)
        self._standing, self._has_work = 0, False
        self._adopt: list[tuple[str, str]] = []
        self._left_open: set[str] = set()
        self._removed: list[Line] = []

    def examine(self, cancel: Callable[[], bool]) -> None:
        """Plans every spec that may have changed. Raises Problem with all that is wrong, before anything is done."""
        for wanted, others in by_spec(self._examination.targets(), self._aims):
            if cancel():
                raise _Stopped
            self._take_up(wanted, others)
        standing, names = left_out(self._survey, self._shop.state, self._aims)
        self._standing += standing
        raise_errors(self._examination.diagnostics)
        raise_errors(self._aims.missed([*self._examination.names.paths.values(), *names]))
        raise_errors(list(self._run.obstacles))

    def carry_out(self, cancel: Callable[[], bool]) -> None:
        run = self._run
        self._events.emit("build.started", targets=list(self._options.targets))
        self._events.emit("plan.ready", renders=run.renders, seconds=run.estimate)
        stale, others = leftovers(self._shop, self._survey, self._examination.names.paths, self._aims)
        self._publishing.stale = stale
        self._left_open |= {EVERYTHING} if others else set()
        if self._ledger is not None:
            forget_broken_seals(self._shop.root)
            if self._has_work or stale:
                break_seal(self._shop.root)
        self._publishing.adopt(self._adopt)
        run.carry_out(registry.find(self._options.executor), cancel)
        if not cancel():
            self._removed = self._publishing.remove_stale()
        self._lock_weights()
        self._publishing.save()
        pages = self._write_sheets()
        if not cancel():
            self._close(pages)

    def close(self) -> None:
        self._shop.state.close()
        self._shop.world.cache.close()

    def outcome(self, seconds: float) -> Outcome:
        todos = list(self._run.todos)
        count = {status: sum(todo.status == status for todo in todos) for status in {todo.status for todo in todos}}
        targets = [TargetOutcome(todo.target, todo.status, todo.path, todo.reason) for todo in todos]
        targets += [TargetOutcome(line.target, "removed", line.path, "no spec asks for it") for line in self._removed]
        return Outcome(
            renders=self._run.rendered, cache_hits=count.get("cached", 0), up_to_date=self._standing,
            failed=count.get("failed", 0), removed=len(self._removed), awaiting=count.get("awaiting", 0),
            seconds=seconds,
            targets=tuple(targets),
            diagnostics=tuple(dict.fromkeys([
                *self._examination.diagnostics, *self._shop.world.manifest.diagnostics, *self._shop.damage,
                *self._run.diagnostics, *self._publishing.notes])),
        )

    def _take_up(self, wanted: list[Found], others: list[Found]) -> None:
        """Takes up the targets of one spec that are asked for; what is not up to date among the others stays open."""
        self._left_open |= {found.spec.file for found in others if not found.up_to_date}
        for found in wanted:
            if not found.up_to_date:
                self._has_work |= found.planned.verdict.need not in (Need.AWAIT, Need.WAIT)
                self._run.add(found.planned, found.spec.file, found.place, found.reason)
                continue
            self._standing += 1
            if self._publishing.is_foreign(found.planned):
                self._adopt.append((found.planned.image.target, found.planned.image.path))

    def _lock_weights(self) -> None:
        """Writes down what decided the requests. Only a look into every spec shows that a weight is in use no more."""
        manifest, weights = self._shop.world.manifest, self._shop.inputs.weights
        manifest.config = self._shop.config_digest
        manifest.weights = dict(weights) if self._survey.whole else {**manifest.weights, **weights}

    def _write_sheets(self) -> list[str]:
        """An overridden build has none. Returns the paths written."""
        if self._traces is None:
            return []
        rows, state = self._examination.rows, self._shop.state
        keys = (state.key_of(file) for file in (*self._survey.gone, *rows))
        gone = [key for key in keys if key is not None]
        edited = [file for file, row in rows.items() if state.sha256_of(file) != row.sha256]
        foreign = any(path.startswith("content/manifest/") for path in self._survey.changed)
        return Sheets(self._shop.world, rows, self._run.todos, edited, self._traces, foreign).write(
            self._survey.whole, self._removed, gone, lambda message: self._events.emit("note", message=message))

    def _close(self, pages: list[str]) -> None:
        """Leaves state and record behind. What is open is looked into again by the next build; after a stop, which
        does not come here, all that this one looked into."""
        if self._ledger is None:
            return
        shop, whole = self._shop, self._survey.whole
        shop.state.put_specs(self._examination.rows.values(), gone=self._survey.gone, whole=whole)
        left_open = self._left_open | {todo.file for todo in self._run.todos if todo.status not in DONE}
        self._ledger.close(
            shop.state.count(), sorted(left_open), [*self._publishing.written, *pages],
            shop.inputs.read if whole else None, shop.cache_files)
