"""Scores of pictures that are at hand, performed by themselves: nothing is rendered, chosen or published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path

from calotype.actions.kinds import Output
from calotype.actions.registry import Kinds, encoder
from calotype.engine.schedule import Schedule
from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.events import Events
from calotype.ground.light_dataclass import dataclass
from calotype.language.action import Action
from calotype.project.workspace import Workspace
from calotype.run.buffer import BATCH, ResultBuffer
from calotype.run.runner import INPUT_EDITED, LANES
from calotype.store.results import Made as MadePicture
from calotype.workers.execute.believed import answers_of
from calotype.workers.protocol import configure
from calotype.workers.work import Answer, Failed, Gone, Made, Work


@dataclass(frozen=True, slots=True)
class Scoring:
    """A score to be performed: the `action`, the `picture` that it reads, and the target whose candidate that is."""

    action: Action
    picture: MadePicture
    target: str


class ScoreRun:
    """Performs `scorings` and records what they give. After `carry_out`, `performed` counts those that gave a score,
    `diagnostics` tells what failed, each fault of a scorer once, and `gone` holds the pixel digests of pictures whose
    bytes turned out to be lost."""

    def __init__(
        self, workspace: Workspace, kinds: Kinds, scorings: Iterable[Scoring], events: Events, jobs: int
    ) -> None:
        self._workspace, self._kinds, self._events, self._jobs = workspace, kinds, events, jobs
        self._schedule = Schedule(batch_limit=BATCH, lanes=dict.fromkeys(LANES, jobs))
        self._buffer = ResultBuffer(workspace)
        self._scorings: list[Scoring] = []
        self._lanes: set[str] = set()
        self._faults: dict[str, Diagnostic] = {}
        self.performed = 0
        self.gone: set[str] = set()
        for scoring in scorings:
            self._add(scoring)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return list(self._faults.values())

    def carry_out(self, executor_name: str, cancel: Callable[[], bool]) -> None:
        """Raises OSError or Problem where results cannot be kept; those that were kept before count."""
        if not self._scorings:
            return
        executor = self._workspace.registry.executor(executor_name)
        configure(executor, self._workspace.settings_of(executor))
        self._events.emit("plan.ready", renders=0, actions={"score": len(self._scorings)},
                          expected={"score": sum(map(self._seconds, self._scorings))})
        lanes = [lane for lane in LANES if lane in self._lanes for _ in range(self._jobs)]
        running = answers_of(executor, lambda place: self._next(lanes[place], place), encoder("none"), len(lanes),
                             cancel, self._events.emit, self._is_due)
        try:
            with closing(running) as answers:
                for answer in answers:
                    self._take(answer)
        finally:
            self._flush()
        if not (self._schedule.over or cancel()):
            raise Problem(error("broken-executor", f"the executor `{executor.name}` gave no answer for some scores",
                                hint="report it to the author of the executor"))

    def _add(self, scoring: Scoring) -> None:
        kind = self._kinds.of(scoring.action)
        lane = kind.lane(scoring.action)
        self._lanes.add(lane)
        self._schedule.add((), kind.affinity(scoring.action), lane)
        self._scorings.append(scoring)

    def _seconds(self, scoring: Scoring) -> float:
        return self._kinds.of(scoring.action).estimate(scoring.action).seconds

    def _is_due(self, node: int, value: object) -> bool:
        return isinstance(value, Output) and value.key == self._scorings[node].action.key

    def _next(self, lane: str, place: int) -> Work | None:
        """The next batch for a place of work. Nothing is asked of a picture whose bytes are lost."""
        while batch := self._schedule.next_batch(place, lane):
            sources = {node: self._source(node) for node in batch.nodes}
            files = {node: file for node, file in sources.items() if file is not None}
            for node in sources.keys() - files.keys():
                self._lose(node)
            if files:
                return self._work(files, lane)
        return None

    def _source(self, node: int) -> Path | None:
        """Where the bytes of its picture are, proved by their digest."""
        return self._workspace.results.sound_place(self._scorings[node].picture)

    def _work(self, files: Mapping[int, Path], lane: str) -> Work:
        scorings = [self._scorings[node] for node in files]
        kind = self._kinds.of(scorings[0].action)
        requests = [kind.request(scoring.action) for scoring in scorings]
        inputs = self._workspace.inputs.files(requests)
        inputs |= {scoring.picture.pixels: file for scoring, file in zip(scorings, files.values(), strict=True)}
        for scoring in scorings:
            self._events.emit("action.started", **_named(scoring))
        return Work(kind.worker(scorings[0].action), list(files), requests, inputs, kind.lane(scorings[0].action))

    def _lose(self, node: int) -> None:
        self.gone.add(self._scorings[node].picture.pixels)
        self._schedule.failed(node)

    def _take(self, answer: Answer[Output]) -> None:
        scoring = self._scorings[answer.node]
        if isinstance(answer, Made):
            self._schedule.answered(answer.node)
            self._buffer.hold(answer.node, answer.value, answer.facts, answer.seconds)
            self._events.emit("action.finished", **_named(scoring), seconds=answer.seconds)
            if self._buffer.is_due(idle=True):
                self._flush()
        elif isinstance(answer, Failed):
            self._events.emit("action.failed", **_named(scoring), message=answer.message, traceback=answer.traceback)
            self._fail(answer.node, answer.message, answer.hint)
        elif isinstance(answer, Gone):
            self._lose(answer.node)
        else:
            self._schedule.cancel()
            self._schedule.abandoned(answer.node)

    def _fail(self, node: int, message: str, hint: str | None) -> None:
        """A fault that several pictures meet is told once."""
        scoring = self._scorings[node]
        message = self._workspace.inputs.by_names(message)
        code = self._kinds.of(scoring.action).code
        self._faults.setdefault(message, error(code, f"{scoring.target}: {message}", hint=hint))
        self._schedule.failed(node)

    def _flush(self) -> None:
        while self._buffer:
            for node, _, sound in self._buffer.flush():
                if sound:
                    self._schedule.finished(node)
                    self.performed += 1
                else:
                    self._fail(node, INPUT_EDITED, "ask again")
            if self._buffer.refusal is not None:
                raise self._buffer.refusal


def _named(scoring: Scoring) -> dict[str, str]:
    return {"action": scoring.action.kind, "key": scoring.action.key, "target": scoring.target}
