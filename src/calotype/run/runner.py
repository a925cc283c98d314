"""Carries a plan out: has performed what is missing, records it, publishes what stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import TypeVar

from calotype.actions.kinds import Output
from calotype.actions.registry import Kinds, encoder
from calotype.engine.schedule import Schedule, State
from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.events import Events
from calotype.plan.forecast import Forecast
from calotype.plan.planned import Planned
from calotype.plan.recorded_speed import RecordedSpeed
from calotype.project.specs.spec_cache import SpecCache
from calotype.project.workspace import Workspace
from calotype.run.batches import Batches
from calotype.run.buffer import BATCH, ResultBuffer
from calotype.run.node_table import Nodes, TargetRun
from calotype.run.publishing import Publishing
from calotype.run.replanning import Replanning
from calotype.run.requested import Requested
from calotype.run.room import Room
from calotype.run.settling import Settling
from calotype.run.traces import Traces
from calotype.workers.execute.believed import answers_of
from calotype.workers.work import Answer, Executor, Failed, Gone, Made, Work

T = TypeVar("T")
INPUT_EDITED = "a weight or a picture it is made from was edited during the render"
STOPPED = "the build was stopped"
STOPPED_RENDERED = "its pictures are rendered; the build was stopped before one was published"
LANES = ("device", "cpu", "network")
"""In the order in which their places of work are numbered."""


class Runner:
    """One run of a build. `add` each planned target that is not up to date, in its spec's order; then `carry_out`.

    `performed` counts actions by kind; `diagnostics` tells what failed.
    """

    def __init__(
        self, workspace: Workspace, kinds: Kinds, spec_cache: SpecCache, publishing: Publishing, events: Events,
        jobs: int, keep_going: bool, traces: Traces | None, phase: str | None = None,
    ) -> None:
        self._workspace, self._kinds, self._publishing, self._events, self._jobs = (
            workspace, kinds, publishing, events, jobs)
        self._keep_going = keep_going
        self._schedule = Schedule(batch_limit=BATCH, keep_going=keep_going, lanes=dict.fromkeys(LANES, jobs))
        self._nodes = Nodes(self._schedule)
        self._requested = Requested(kinds, self._schedule, self._nodes, RecordedSpeed(kinds, workspace.cache), phase)
        self._buffer = ResultBuffer(workspace)
        replanning = Replanning(workspace, kinds, spec_cache)
        self.plan = replanning.plan
        self._batches = Batches(workspace, kinds, self._nodes, replanning, events)
        self._settling = Settling(workspace, spec_cache, self._schedule, self._nodes, self._requested, replanning,
                                  publishing, events, traces)
        self._node_of: dict[str, int] = {}  # of the spec that is being added: what starts from what is in one spec
        self._adding, self._room = "", Room(workspace)
        self._refusal: OSError | Problem | None = None
        self.between: Callable[[], None] = lambda: None  # called between batches, when what is made is published
        self.performed: Counter[str] = Counter()

    @property
    def obstacles(self) -> Mapping[Diagnostic, str]:
        """What will fail actions, as far as the plan tells, with the field of a request that asks for it."""
        return self._requested.obstacles

    @property
    def forecast(self) -> Forecast:
        """What the plan asks for so far."""
        return self._requested.forecast

    @property
    def entries(self) -> Iterator[TargetRun]:
        return self._nodes.targets

    @property
    def remarks(self) -> Mapping[str, list[Diagnostic]]:
        """What is said of the pictures that were published, by the file of their spec."""
        return self._settling.remarks

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return self._nodes.diagnostics

    def add(self, planned: Planned, file: str, place: int, reason: str) -> None:
        image = planned.image
        if file != self._adding:
            self._node_of.clear()
            self._adding = file
        entry = TargetRun(image.target, image.path, file, place, reason, unscored=planned.only_unjudged,
                          rejected=tuple(planned.rejections()))
        self._requested.expect(planned)
        inputs = [self._node_of[target] for target in planned.starts_from if target in self._node_of]
        inputs += [] if self._requested.left_out(planned) else self._requested.nodes_of(planned, entry)
        node = self._nodes.add_target(entry, inputs)
        if not planned.goes_on:  # else what starts from it goes on with what is published
            self._node_of[image.target] = node
        self._publishing.expect(image.target, image.path)

    def carry_out(self, executor: Executor, cancel: Callable[[], bool]) -> None:
        """Runs everything; `entries` then say what became of each target. Where the disk refuses what concerns all, no
        more is begun; what is in work is taken in and kept, and only then is the refusal raised."""
        places = self._places()
        stop = lambda: cancel() or self._schedule.stopping  # noqa: E731
        encode = encoder(self._workspace.shared.config.output["embed"], self._workspace.inputs.lora_names())
        try:
            running = answers_of(
                executor, lambda place: self._unless_refused(partial(self._next, places[place], place, cancel)),
                encode, len(places), stop, self._events.emit, self._is_due)
            with closing(running) as answers:
                for answer in answers:
                    self._unless_refused(partial(self._take, answer, places))
        finally:
            self._unless_refused(self._flush)
        if cancel():
            self._stop()
        self._unless_refused(self._settling.settle)
        self._tell_unanswered(executor)
        if self._refusal is not None:
            raise self._refusal

    def _is_due(self, node: int, value: object) -> bool:
        return isinstance(value, Output) and value.key == self._nodes.act(node).key.hex()

    def _unless_refused(self, act: Callable[[], T]) -> T | None:
        """What `act` gives; None where the disk refuses, which ends the run."""
        try:
            return act()
        except (OSError, Problem) as refusal:
            self._refusal = self._refusal or refusal
            self._schedule.cancel()
            return None

    def _tell_unanswered(self, executor: Executor) -> None:
        """Says of what nothing has become that the build was stopped; else the executor owes answers."""
        unanswered = [entry for entry in self.entries if not entry.status]
        if self._schedule.stopping:
            status, reason = "skipped", STOPPED
        else:
            status, reason = "failed", f"the executor `{executor.name}` gave no answer for it"
        for entry in unanswered:
            entry.status = status
            entry.reason = STOPPED_RENDERED if status == "skipped" and entry.rendered else reason
        if unanswered and status == "failed":
            self._nodes.diagnostics.append(error("broken-executor", f"{unanswered[0].target}: {reason}",
                                                 hint="report it to the author of the executor"))

    def _stop(self) -> None:
        """Starts nothing new. What is made is published first: no picture counts as rendered and as skipped."""
        if not self._schedule.stopping:
            self._settle_what_is_made()
            self._schedule.cancel()

    def _settle_what_is_made(self) -> None:
        self._flush()
        self._settling.settle()

    def _places(self) -> list[str]:
        """The lane of each place of work. Where all work is the processor's, there are as many places as jobs; else
        those lanes that the plan uses have as many each."""
        lanes = [lane for lane in LANES if lane in self._requested.lanes] or ["cpu"]
        return [lane for lane in lanes for _ in range(self._jobs)]

    def _next(self, lane: str, place: int, cancel: Callable[[], bool]) -> Work | None:
        """The next batch for a place. First what the answers so far have made ready is settled."""
        while True:
            if cancel():
                self._stop()
            self._settling.settle()
            self.between()
            batch = self._schedule.next_batch(place, lane, self._fitting(lane))
            if batch is not None:
                work = self._batches.work(batch.nodes)
                if work is not None:
                    return work
            elif self._buffer and (not self._schedule.count(State.RUNNING) or self._buffer.is_due(idle=True)):
                self._flush()
            else:
                return None

    def _fitting(self, lane: str) -> int | None:
        """How many more results there is room for; None where nothing waits for it."""
        if not self._schedule.count(State.QUEUED) or self._schedule.busy(lane) >= self._jobs:
            return None
        return self._room.pictures(self._requested.largest, self._schedule.count(State.RUNNING) + len(self._buffer))

    def _take(self, answer: Answer[Output], places: list[str]) -> None:
        named = self._nodes.act(answer.node).named
        if isinstance(answer, Made):
            self._schedule.answered(answer.node)
            self._buffer.hold(answer.node, answer.value, answer.facts, answer.seconds)
            self._events.emit("action.finished", **named, seconds=answer.seconds)
            if self._buffer.is_due(idle=any(not self._schedule.busy(lane) for lane in places)):
                self._flush()
        elif isinstance(answer, Gone) or (isinstance(answer, Failed) and answer.awaits):
            self._events.emit("action.postponed", **named, message=answer.message)
            self._put_off(answer)
        elif isinstance(answer, Failed):
            self._events.emit("action.failed", **named, message=answer.message, traceback=answer.traceback)
            if not self._keep_going:
                self._settle_what_is_made()
            self._nodes.remember(answer.node, answer.facts)
            self._fail(answer.node, answer.message, answer.hint)
        else:
            self._stop()
            self._schedule.abandoned(answer.node)

    def _put_off(self, answer: Gone | Failed) -> None:
        """What the action lacks is made again, or decided by a person, and the action is performed after it."""
        try:
            if not self._batches.put_off(answer):
                self._fail(answer.node, answer.message, answer.hint)
        except Problem as problem:
            self._nodes.fail(answer.node, problem.diagnostics[0].message, *problem.diagnostics)

    def _fail(self, node: int, message: str, hint: str | None) -> None:
        act, message = self._nodes.act(node), self._workspace.inputs.by_names(message)
        code = self._kinds.named(act.kind).code
        self._nodes.fail(node, message, error(code, f"{act.entry.target}: {message}", file=act.entry.file, hint=hint))

    def _flush(self) -> None:
        """Makes results durable; then the targets that wait for them may go on. Raises OSError, or Problem, where no
        row can be recorded: what is kept beside is no result for this run."""
        while self._buffer:
            flushed = self._buffer.flush()
            self.performed.update(kind for _, kind, _ in flushed)
            if self._buffer.refusal is not None:
                raise self._buffer.refusal
            for node, _, sound in flushed:
                if sound:
                    self._schedule.finished(node)
                else:
                    self._nodes.fail(node, INPUT_EDITED, error("edited", INPUT_EDITED, hint="build again"))
