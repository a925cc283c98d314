"""One build from look to record. Must not know of terminals, nor how any step is done."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from calotype.engine.rebuild import Need
from calotype.ground.diagnostics import raise_errors
from calotype.ground.events import Events, Listener, logged
from calotype.ground.lock import build_lock
from calotype.plan.analysis import Analysis, Found
from calotype.plan.orphans import orphans
from calotype.plan.select import by_spec
from calotype.project import last_build
from calotype.project.build_record import BuildRecord
from calotype.project.changes import EVERYTHING, changed_specs, left_out
from calotype.project.outcome import ACTIONS, Outcome, TargetOutcome
from calotype.project.overrides import Profile
from calotype.project.patterns import TargetPatterns
from calotype.project.spec_cache import SpecCache
from calotype.project.workspace import Workspace, open_workspace
from calotype.results.publish.manifest import Line
from calotype.results.sheet.currency import break_seal, forget_broken_seals
from calotype.run.publishing import Publishing
from calotype.run.runner import Runner
from calotype.run.sheets import Sheets
from calotype.run.traces import Traces

if TYPE_CHECKING:
    from calotype.store.tree.compare import TreeDiff

DONE = ("rendered", "cached", "restored")


@dataclass(frozen=True, slots=True)
class Options:
    """What a build was asked for. `jobs`: batches at a time."""

    targets: tuple[str, ...] = ()
    profile: Profile = field(default_factory=Profile)
    jobs: int = 1
    keep_going: bool = True
    executor: str = "local"


def build(root: Path, options: Options, listener: Listener | None, cancel: Callable[[], bool]) -> Outcome:
    """Renders what is missing and publishes it. Raises Problem when anything is invalid: nothing was touched then."""
    started = time.perf_counter()
    listeners = [listener] if listener else []
    try:
        with (build_lock(root, _Waiting(root, Events(*listeners), cancel)),
              logged(root / "build" / "logs", *listeners) as events):
            look = None if options.profile.overrides else last_build.look(str(root))
            record = None if options.profile.overrides else BuildRecord(root, look)
            with _opened(root, options.profile) as workspace:
                work = _Build(workspace, options, events, look, record)
                work.examine(cancel)
                work.carry_out(cancel)
                outcome = work.outcome(time.perf_counter() - started)
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
            last_build.forget(str(self._root))
            who = f" (process {holder})" if holder else ""
            self._events.emit("note", message=f"another build is at work here{who}: waiting for it to end")


@contextmanager
def _opened(root: Path, profile: Profile) -> Iterator[Workspace]:
    workspace = open_workspace(root, profile, create=True)
    try:
        yield workspace
    finally:
        workspace.state.close()
        workspace.cache.close()


class _Build:
    """The steps of one build, and what they leave for each other."""

    def __init__(
        self, workspace: Workspace, options: Options, events: Events, look: TreeDiff | None, record: BuildRecord | None
    ) -> None:
        self._workspace, self._options, self._events, self._record = workspace, options, events, record
        if record is not None:
            workspace.inputs.watch = record.watch
        self._change_set = changed_specs(workspace.root, look, workspace.state)
        workspace.complete = not self._change_set.whole
        self._spec_cache = SpecCache(workspace.root, workspace.library)
        self._publishing = Publishing(workspace)
        self._traces = Traces(workspace.root) if record is not None else None
        self._analysis = Analysis(workspace, self._change_set, self._spec_cache)
        self._run = Runner(workspace, self._analysis.kinds, self._spec_cache, self._publishing, events, options.jobs,
                           options.keep_going, self._traces)
        self._patterns = TargetPatterns(options.targets)
        self._standing, self._has_work = 0, False
        self._adopt: list[tuple[str, str]] = []
        self._left_open: set[str] = set()
        self._removed: list[Line] = []

    def examine(self, cancel: Callable[[], bool]) -> None:
        """Plans every spec that may have changed. Raises Problem with all that is wrong, before anything is done."""
        for wanted, others in by_spec(self._analysis.targets(), self._patterns):
            if cancel():
                raise _Stopped
            self._take_up(wanted, others)
        settled, names = left_out(self._change_set, self._workspace.state, self._patterns)
        self._standing += settled
        raise_errors(self._analysis.diagnostics)
        raise_errors(self._patterns.missed([*self._analysis.names.paths.values(), *names]))
        raise_errors(self._run.obstacles)

    def carry_out(self, cancel: Callable[[], bool]) -> None:
        run = self._run
        self._events.emit("build.started", targets=list(self._options.targets))
        forecast = run.forecast
        self._events.emit("plan.ready", renders=forecast.actions["render"], actions=forecast.actions,
                          expected=dict(forecast.seconds), seconds=forecast.cost.seconds)
        stale, others = orphans(self._workspace, self._change_set, self._analysis.names.paths, self._patterns)
        self._publishing.stale = stale
        self._left_open |= {EVERYTHING} if others else set()
        if self._record is not None:
            forget_broken_seals(self._workspace.root)
            if self._has_work or stale:
                break_seal(self._workspace.root)
        self._publishing.adopt(self._adopt)
        run.carry_out(self._workspace.registry.executor(self._options.executor), cancel)
        if not cancel():
            self._removed = self._publishing.remove_stale()
        self._lock_weights()
        self._publishing.save()
        pages = self._write_sheets()
        if not cancel():
            self._close(pages)

    def outcome(self, seconds: float) -> Outcome:
        entries = list(self._run.entries)
        count = Counter(entry.status for entry in entries)
        targets = [TargetOutcome(entry.target, entry.status, entry.path, entry.reason) for entry in entries]
        targets += [TargetOutcome(line.target, "removed", line.path, "no spec asks for it") for line in self._removed]
        return Outcome(
            renders=self._run.performed["render"], actions={name: self._run.performed[name] for name in ACTIONS},
            estimate=self._run.forecast.cost, cache_hits=count["cached"], up_to_date=self._standing,
            failed=count["failed"], removed=len(self._removed), awaiting=count["awaiting"],
            seconds=seconds,
            targets=tuple(targets),
            diagnostics=tuple(dict.fromkeys([
                *self._analysis.diagnostics, *self._workspace.manifest.diagnostics, *self._workspace.damage,
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
        manifest, weights = self._workspace.manifest, self._workspace.inputs.weights
        manifest.config = self._workspace.config_digest
        manifest.weights = dict(weights) if self._change_set.whole else {**manifest.weights, **weights}

    def _write_sheets(self) -> list[str]:
        """An overridden build has none. Returns the paths written."""
        if self._traces is None:
            return []
        rows, state = self._analysis.rows, self._workspace.state
        keys = (state.key_of(file) for file in (*self._change_set.gone, *rows))
        gone = [key for key in keys if key is not None]
        edited = [file for file, row in rows.items() if state.sha256_of(file) != row.sha256]
        foreign = any(path.startswith("content/manifest/") for path in self._change_set.changed)
        return Sheets(self._workspace, rows, self._run.entries, edited, self._traces, foreign).write(
            self._change_set.whole, self._removed, gone, lambda message: self._events.emit("note", message=message))

    def _close(self, pages: list[str]) -> None:
        """Leaves state and record behind. What is open is looked into again by the next build; after a stop, which
        does not come here, all that this one looked into."""
        if self._record is None:
            return
        workspace, whole = self._workspace, self._change_set.whole
        workspace.state.put_specs(self._analysis.rows.values(), gone=self._change_set.gone, whole=whole)
        left_open = self._left_open | {entry.file for entry in self._run.entries if entry.status not in DONE}
        self._record.close(
            workspace.state.count(), sorted(left_open), [*self._publishing.written, *pages],
            workspace.inputs.read if whole else None, workspace.cache_files)
