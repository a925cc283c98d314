"""One build from look to record. Must not know of terminals, nor how any step is done."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING

from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem, error, raise_errors
from calotype.ground.events import Event, Events, Listener, logged
from calotype.ground.gitignore import keep_out_of_git
from calotype.ground.light_dataclass import dataclass, field, replace
from calotype.ground.lock import build_lock
from calotype.ground.refusals import refused
from calotype.plan import weight_places
from calotype.plan.analysis import Analysis, Found
from calotype.plan.orphans import orphans
from calotype.plan.select import by_spec
from calotype.project.build_record import BuildRecord
from calotype.project.changes import EVERYTHING, ChangeSet, changed_specs, left_out, names_left_out
from calotype.project.decisions.meanwhile import Meanwhile
from calotype.project.layout import Layout
from calotype.project.named_plugins import check_named
from calotype.project.opening import Session
from calotype.project.outcome import Outcome, TargetOutcome, counted
from calotype.project.overrides import Profile
from calotype.project.patterns import TargetPatterns
from calotype.project.specs.spec_cache import SpecCache
from calotype.project.training_sets import remembered_sets
from calotype.project.waiting import Stopped, Waiting
from calotype.project.workspace import Workspace
from calotype.results.publish.manifest import Line
from calotype.results.sheet import Preview, Written, pages_are_current
from calotype.run.build_pages import BuildPages
from calotype.run.previewing import mark_of, previews_of, sweep, takes_long, undrawable
from calotype.run.published_sets import left_behind
from calotype.run.publishing import Publishing
from calotype.run.runner import Runner
from calotype.run.traces import Traces
from calotype.run.tracing.scene_traces import write_traces
from calotype.run.tracing.scope import scenes_of, with_outdated_traces
from calotype.workers.protocol import configure
from calotype.workers.work import Executor

if TYPE_CHECKING:
    from calotype.store.tree.compare import TreeDiff

DONE = ("rendered", "cached", "restored")
PHASES = ("enhance", "render", "score")
"""Kinds of work that a build may be held to, in their order."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a build was asked for. `jobs`: batches at a time."""

    targets: tuple[str, ...] = ()
    profile: Profile = field(default_factory=Profile)
    jobs: int = 1
    keep_going: bool = True
    executor: str = "local"
    preview: Profile | None = None
    """How images that take long to render are drawn beforehand, to be looked at meanwhile."""
    phase: str | None = None
    """Of PHASES, the only one whose work is done; None: all."""


def build(session: Session, options: Options, listener: Listener | None, cancel: Callable[[], bool]) -> Outcome:
    """Renders what is missing and publishes it. Raises Problem when anything is invalid: nothing was touched then."""
    if options.preview is not None and options.profile.overrides:
        raise Problem(error("without-effect", "a build with another preset or renderer has no previews",
                            hint="leave out `preview`, or `preset` and `renderer`"))
    if options.phase is not None and options.phase not in PHASES:
        message = f"there is no phase `{options.phase}`"
        raise Problem(error("unknown-phase", message, hint=f"it may be {', '.join(PHASES)}"))
    started = time.perf_counter()
    products, images = _products_of(options)
    listeners = [listener] if listener else []
    waiting = Waiting("another build", Events(*listeners), cancel, session.forget_comparison)
    try:
        with (build_lock(session.root, waiting),
              logged(Layout(session.root).logs, *listeners) as events):
            session.begun = time.time()
            outcome = _build(session, replace(options, targets=images), events, cancel, started, products)
            if products:
                outcome = _with_products(session, options, products, outcome, events, cancel)
                outcome = replace(outcome, seconds=time.perf_counter() - started)
            events.emit("build.finished", **outcome.as_json())
            return outcome
    except Stopped:
        return Outcome(seconds=time.perf_counter() - started)
    finally:
        session.begun = 0.0


def _products_of(options: Options) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The products that are asked for by name, and the images that are, with those that the products are made of."""
    if not options.targets:
        return (), ()
    from calotype.run.products.making import refuse_overridden, split

    products, images = split(options.targets)
    refuse_overridden(products, options.profile.overrides)
    return products, images


def _with_products(
    session: Session, options: Options, products: tuple[str, ...], images: Outcome, events: Events,
    cancel: Callable[[], bool],
) -> Outcome:
    """The outcome of a build of images, and of the products that are made of them."""
    from calotype.run.products.making import make_products
    from calotype.run.products.product import plain_name

    alone = all(plain_name(target) in products for target in options.targets)
    with session.workspace(options.profile, create=True) as workspace:
        outcome = make_products(workspace, products, images, events, cancel, alone=alone)
        workspace.state.flush()
        return outcome


def _build(
    session: Session, options: Options, events: Events, cancel: Callable[[], bool], started: float,
    products: tuple[str, ...],
) -> Outcome:
    """The build of the images of a project that no other build is at work in. The record is begun before any input is
    read. `products` are those that are to be made of them: that they can be asked for is known first."""
    diff = None if options.profile.overrides else session.compare()
    record = None if options.profile.overrides else BuildRecord(Layout(session.root), diff)
    with session.workspace(options.profile, diff.changed if diff else (), create=True) as workspace:
        if options.preview is not None:
            check_named(options.preview, workspace.snapshot, workspace.registry)
        work = _Build(workspace, options, events, diff, record)
        work.examine(cancel)
        if products:
            from calotype.run.products.making import prepare

            prepare(workspace, products)
        try:
            if options.preview is not None:
                _show_previews(session, options.preview, work, cancel)
            work.carry_out(cancel)
        except OSError as refusal:
            work.halted_by = [refused(refusal)]
        except Problem as problem:
            if problem.exit_code != EXIT_FAILED:
                raise
            work.halted_by = problem.diagnostics
        finally:
            if options.preview is not None:  # of what a build had previews that left no record nobody remembers
                session.previews.swept = mark_of(workspace.layout.record) if work.left_record else b""
        outcome = work.outcome(time.perf_counter() - started)
        if work.left_record:
            workspace.forget_damage()
        workspace.state.flush()
        return outcome


def _show_previews(session: Session, profile: Profile, work: _Build, cancel: Callable[[], bool]) -> None:
    """Draws what takes long otherwise first, and shows it on the pages until it is rendered. That a preview cannot be
    made is no failure."""
    left_out = {target: why for target, (_, why) in work.slow.items() if why}
    shown: dict[str, Preview] = {}
    try:
        work.sweep(session, profile)
        if not work.slow:
            return
        with session.previews.workspace(profile, work.changed, create=True) as workspace:
            drawable = [target for target in work.slow if target not in left_out]
            shown, failed = work.previewed(workspace, drawable, cancel)
            left_out |= failed
            workspace.state.flush()
    except (OSError, Problem, Stopped) as refusal:
        if cancel():
            return
        why = refusal.diagnostics[0].message if isinstance(refusal, Problem) else str(refusal)
        left_out |= {target: why for target in work.slow if target not in left_out}
    if work.slow and not cancel():
        work.show(shown, left_out, profile.name)


def _placed(obstacle: Diagnostic, field: str, asked: Found) -> Diagnostic:
    """What is missing, at the field that asks for it, or at the image that is the first to need it."""
    if field:
        return weight_places.at_field(obstacle, field, asked.planned.image, asked.places.at)
    if obstacle.code != weight_places.CODE:
        return obstacle
    return weight_places.placed(obstacle, None, asked.planned.image, asked.places.at)


def _tell_remarks(run: Runner, analysis: Analysis) -> None:
    """Adds what is said of the pictures that were published to the warnings of their specs."""
    for file, remarks in run.remarks.items():
        said = set(analysis.diagnostics)  # of what awaited a human before
        new = [remark for remark in remarks if remark not in said]
        analysis.diagnostics.extend(new)
        analysis.warnings.setdefault(file, []).extend(new)


class _Build:
    """The steps of one build, and what they leave for each other. That of previews goes `before` another: it looks into
    those of its specs that there are to be previews of, and has the work done at the same place."""

    def __init__(
        self, workspace: Workspace, options: Options, events: Events, diff: TreeDiff | None,
        record: BuildRecord | None, before: _Build | None = None,
    ) -> None:
        root = workspace.root
        self._options, self._events = options, events
        self._record, self._workspace = record, workspace
        if record is not None:
            workspace.inputs.watch = record.watch
        changed = diff.changed if diff is not None and diff.record_found else None
        current = record is not None and pages_are_current(root, workspace.state.pages, changed)
        self._before = before
        self._change_set: ChangeSet = with_outdated_traces(workspace, before._change_set if before else changed_specs(
            root, diff if current else None, workspace.state, workspace.decided,
            trains=workspace.shared.config.trains_loras))
        self.changed = diff.changed if diff is not None else []
        self._workspace.complete = not self._change_set.whole
        self._spec_cache = SpecCache(root, self._workspace.shared)
        self._publishing = Publishing(workspace, Meanwhile(
            root, workspace.decisions, workspace.manifest, record.picks if record is not None else None))
        self._traces = Traces(self._workspace.state.pages) if self._record is not None else None
        self._analysis = Analysis(self._workspace, self._change_set, self._spec_cache)
        if before is not None:
            self._analysis.files = tuple(dict.fromkeys(file for file, why in before.slow.values() if not why))
        self._run = Runner(workspace, self._analysis.kinds, self._spec_cache, self._publishing, events, options.jobs,
                           options.keep_going, self._traces, options.phase)
        self._pages = BuildPages(workspace, self._spec_cache, self._change_set, self._analysis.rows,
                                 lambda: self._run.entries, events, current=current)
        self._run.between = self._pages.refresh
        self._patterns = TargetPatterns(options.targets)
        self.slow: dict[str, tuple[str, str]] = {}
        """The targets that there are to be previews of: the file of the spec, and why there can be none."""
        self._standing = 0
        self._adopt: list[tuple[str, str]] = []
        self._obstacles: list[Diagnostic] = []
        self._left_open: set[str] = set()
        self._removed: list[Line] = []
        self._outdated: list[Diagnostic] = []
        self.left_record = False
        self.halted_by: list[Diagnostic] = []

    def examine(self, cancel: Callable[[], bool]) -> None:
        """Plans every spec that may have changed. Raises Problem with all that is wrong, before anything is done."""
        for wanted, others in by_spec(self._analysis.targets(), self._patterns):
            if cancel():
                raise Stopped
            self._take_up(wanted, others)
        state = self._workspace.state
        self._standing += left_out(self._change_set, state, self._patterns)
        raise_errors(self._analysis.diagnostics)
        names = chain(self._analysis.names.paths.values(), names_left_out(self._change_set, state))
        raise_errors(self._patterns.missed(names))
        raise_errors(self._obstacles)
        if self._before is not None:
            self._executor: Executor = self._before._executor
            return
        self._executor = self._workspace.registry.executor(self._options.executor)
        configure(self._executor, self._workspace.settings_of(self._executor))

    def previewed(
        self, workspace: Workspace, targets: list[str], cancel: Callable[[], bool]
    ) -> tuple[dict[str, Preview], dict[str, str]]:
        """Builds previews of `targets` in a workspace of their own. Returns them, and why the others have none."""
        if not targets:
            return {}, {}
        options = replace(self._options, targets=tuple(targets), profile=workspace.profile, keep_going=True)
        previews = _Build(workspace, options, Events(self._hear_preview), None, None, self)
        previews.examine(cancel)
        previews.carry_out(cancel)
        unmade = {entry.target: entry.reason for entry in previews._run.entries if entry.status not in DONE}
        return previews_of(targets, unmade, workspace)

    def _hear_preview(self, event: Event) -> None:
        """Of what is done for previews people are told that it takes a while to begin."""
        if event.kind.startswith("model."):
            self._events.emit(event.kind, **event.fields)

    def sweep(self, session: Session, profile: Profile) -> None:
        """Removes previews of targets that are no more."""
        sweep(session, profile, self._workspace, self._change_set, self._analysis.names.paths)

    def show(self, previews: Mapping[str, Preview], left_out: Mapping[str, str], name: str) -> None:
        """Shows on the pages what is about to be rendered, and tells of it."""
        self._pages.show(previews, self.slow)
        self._events.emit("previews.shown", name=name, targets=list(previews), left_out=left_out)

    def carry_out(self, cancel: Callable[[], bool]) -> None:
        run = self._run
        keep_out_of_git(self._workspace.layout.build)
        self._events.emit("build.started", targets=list(self._options.targets))
        forecast = run.forecast
        self._events.emit("plan.ready", renders=forecast.actions["render"], actions=forecast.actions,
                          expected=dict(forecast.seconds), seconds=forecast.cost.seconds,
                          price=forecast.cost.price, currency=forecast.cost.currency)
        stale, others = orphans(self._workspace, self._change_set, self._analysis.names.paths, self._patterns)
        self._publishing.stale = stale
        self._left_open |= {EVERYTHING} if others else set()
        self._publishing.adopt(self._adopt)
        try:
            run.carry_out(self._executor, cancel)
        except (OSError, Problem):
            with suppress(OSError, Problem):  # what is published is known by the next build
                self._publishing.save()
            self._pages.give_up()
            raise
        stopped = cancel()
        whole = self._change_set.whole and not (stopped or self._options.targets)
        if not stopped:
            if whole and self._record is not None:
                self._workspace.manifest.drop_torn(set(self._analysis.names.paths.values()))
            self._publishing.notes += left_behind(self._workspace, stale)
            self._removed = self._publishing.remove_stale()
            self._left_open |= {EVERYTHING} if self._publishing.kept else set()
        self._lock_weights(stopped=stopped)
        self._publishing.save()
        _tell_remarks(self._run, self._analysis)
        if self._record is not None:
            scenes = scenes_of(self._analysis.rows, self._workspace.state, self._change_set.gone, whole=whole)
            self._record.traces = write_traces(self._workspace, run.plan, run.entries, scenes)
        if self._run.entries or self._removed:
            self._analysis.renew_decisions()
        written = self._pages.close(self._removed) if self._record is not None else Written()
        self._outdated = list(self._workspace.outdated_plugins)
        if not stopped or not stale:  # else the state would forget whose it is that is still to be removed
            self._close(written, stopped=stopped)

    def outcome(self, seconds: float) -> Outcome:
        entries = list(self._run.entries)
        count = Counter(entry.status for entry in entries)
        targets = [TargetOutcome(entry.target, entry.status, entry.path, entry.reason, rejected=entry.rejected)
                   for entry in entries]
        targets += [TargetOutcome(line.target, "removed", line.path, "no spec asks for it") for line in self._removed]
        stuck = self._publishing.kept
        targets += [TargetOutcome(line.target, "failed", line.path, why.message if why else "") for line, why in stuck]
        return Outcome(
            renders=self._run.performed["render"], actions=counted(self._run.performed),
            estimate=self._run.forecast.cost, cache_hits=count["cached"], up_to_date=self._standing,
            failed=count["failed"] + len(stuck), removed=len(self._removed), awaiting=count["awaiting"],
            seconds=seconds, halted=bool(self.halted_by), scoring=self._analysis.kinds.judges.scoring,
            targets=tuple(targets),
            diagnostics=tuple(dict.fromkeys([
                *self._analysis.diagnostics, *self._workspace.manifest.diagnostics, *self._workspace.damage,
                *self._outdated, *self._run.diagnostics, *self._publishing.notes, *self.halted_by])),
        )

    def _take_up(self, wanted: list[Found], others: list[Found]) -> None:
        """Takes up the targets of one spec that are asked for; what is not up to date among the others stays open."""
        self._left_open |= {target.spec.file for target in others if not target.up_to_date}
        for target in wanted:
            if not target.up_to_date:
                if self._options.preview is not None and takes_long(target.planned, self._workspace):
                    why = undrawable(target.planned, self._options.preview)
                    self.slow[target.planned.image.target] = target.spec.file, why
                before = len(self._run.obstacles)
                self._run.add(target.planned, target.spec.file, target.place, target.reason)
                self._obstacles += [
                    _placed(obstacle, field, target)
                    for obstacle, field in islice(self._run.obstacles.items(), before, None)]
                continue
            self._standing += 1
            self._publishing.settle(target.planned)
            if self._publishing.is_foreign(target.planned):
                self._adopt.append((target.planned.image.target, target.planned.image.path))

    def _lock_weights(self, *, stopped: bool) -> None:
        """Writes down what decided the requests. Only a look into every spec shows that a weight is in use no more. A
        build that failed or was stopped locks none, since a weight may be what failed it: the next looks into all."""
        manifest, weights = self._workspace.manifest, _locks(self._workspace)
        manifest.config = self._workspace.config_digest
        if stopped or any(entry.status in ("failed", "skipped") for entry in self._run.entries):
            if not weights.items() <= manifest.weights.items():
                self._left_open.add(EVERYTHING)
        else:
            manifest.weights = dict(weights) if self._change_set.whole else {**manifest.weights, **weights}

    def _close(self, written: Written, *, stopped: bool) -> None:
        """Leaves state and record behind. What is open is looked into again by the next build; after a stop, all that
        was not reached."""
        if self._record is None:
            return
        workspace, whole = self._workspace, self._change_set.whole
        decided = workspace.decisions.update(
            [*self._change_set.files, *self._change_set.gone], self._analysis.unread.entries)
        sets = remembered_sets(workspace.state, self._change_set, self._analysis.training_sets)
        workspace.state.put_specs(
            self._analysis.rows.values(), self._change_set.gone, whole, self._analysis.warnings,
            {**written.update, **decided, **sets})
        left_open = self._left_open | {entry.file for entry in self._run.entries if entry.status not in DONE}
        if self._outdated or (workspace.state.damaged and not whole) or (stopped and workspace.manifest.diagnostics):
            # a plug-in's other code may ask for other renders; what was remembered of the other specs is lost; a stop
            # has come before damaged lines of the manifest were dropped
            left_open.add(EVERYTHING)
        self._record.close(
            workspace.state.count(), sorted(left_open), [*self._publishing.written, *written.pages],
            workspace.inputs.read if whole else None, workspace.layout.cache_files, stopped=stopped)
        self.left_record = True


def _locks(workspace: Workspace) -> dict[str, str]:
    """What the manifest is to say of the weights in use."""
    return {**workspace.inputs.weights, **workspace.inputs.classes.locks}
