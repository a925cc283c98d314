"""The actions that the targets of a run ask for, as nodes: each once, whoever asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod

from calotype.actions.registry import Kinds
from calotype.engine.schedule import Schedule, State
from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.language.action import Action
from calotype.plan.forecast import Forecast
from calotype.plan.planned import Planned
from calotype.plan.recorded_speed import RecordedSpeed
from calotype.run.node_table import Act, Nodes, TargetRun
from calotype.run.publishing import unreadable

_LEFT = {
    "enhance": "its prompt is not enhanced: left to `--phase {}`",
    "condition": "its control maps are not drawn: left to `--phase {}`",
    "render": "its candidates are not rendered: left to `--phase {}`",
    "identity": "its candidates are not compared: left to `--phase {}`",
    "score": "its candidates are not scored: left to `--phase {}`",
}


class Requested:
    """`forecast` counts what the plan asks for, `obstacles` are what will fail some of it, each told once, with the
    field that asks for it. `lanes` are those that the run will use, as far as the plan tells, `largest` is the size of
    its largest image."""

    def __init__(
        self, kinds: Kinds, schedule: Schedule, nodes: Nodes, speed: RecordedSpeed, phase: str | None = None
    ) -> None:
        self._kinds, self._schedule, self._nodes, self._phase = kinds, schedule, nodes, phase
        self.forecast = Forecast(kinds, speed)
        self.obstacles: dict[Diagnostic, str] = {}
        self.lanes: set[str] = set()
        self.largest = (0, 0)

    def expect(self, planned: Planned) -> None:
        """Looks ahead at everything that a planned target will ask for."""
        self.forecast.take(planned, self._is_due)
        self.largest = max(self.largest, planned.image.size, key=prod)
        self._look_at((*planned.perform, *planned.ahead, *planned.drafts))
        for name in filter(self._is_due, planned.foreseen):
            self._look_at(self._kinds.named(name).will_ask(planned.image))
        if planned.foreseen.keys() - {draft.kind for draft in planned.drafts}:
            self.lanes.add("cpu")

    def _is_due(self, name: str) -> bool:
        """Whether actions of the kind are performed in this run."""
        return self._phase is None or self._kinds.named(name).phase == self._phase

    def left_out(self, planned: Planned) -> str:
        """Why what `planned` is to have performed now is no work of this run; empty where it is."""
        other = next((action.kind for action in planned.perform if not self._is_due(action.kind)), None)
        return "" if other is None else _LEFT[other].format(self._kinds.named(other).phase)

    def _look_at(self, actions: Iterable[Action]) -> None:
        for action in actions:
            if not self._is_due(action.kind):
                continue
            kind = self._kinds.of(action)
            self.lanes.add(kind.lane(action))
            self.obstacles.update(kind.lacks(action))

    def nodes_of(self, planned: Planned, entry: TargetRun) -> list[int]:
        """The nodes of what `planned` is to have performed now. An action that another target wants too is shared.

        Raises Problem for one that this run has performed already, so that nothing goes round for ever, or could not.
        """
        return list(self._nodes_of(planned, entry))

    def _nodes_of(self, planned: Planned, entry: TargetRun) -> Iterator[int]:
        for action in planned.perform:
            key = bytes.fromhex(action.key)
            node = self._nodes.find(key)
            if node is None:
                node = self._add(action, key, entry)
            else:
                self._check(node, action, entry)
            entry.wants += (self._nodes.act(node).key,)
            yield node

    def _add(self, action: Action, key: bytes, entry: TargetRun) -> int:
        kind = self._kinds.of(action)
        lane = kind.lane(action)
        self.lanes.add(lane)
        entry.rendered = entry.rendered or action.kind == "render"
        early = kind.phase == "enhance"
        return self._nodes.add_act(Act(action.kind, key, entry), kind.affinity(action), lane, early=early)

    def _check(self, node: int, action: Action, entry: TargetRun) -> None:
        state = self._schedule.state(node)
        if state is State.DONE:
            raise Problem(unreadable(entry.target, entry.file))
        if state is State.FAILED:
            noun = {"render": "picture", "condition": "map", "enhance": "prompt"}.get(action.kind, action.kind)
            message = f"{entry.target}: another target asked for the same {noun}, which failed"
            raise Problem(error(self._kinds.of(action).code, message, file=entry.file))
