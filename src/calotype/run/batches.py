"""From the nodes of a batch to the work that an executor is handed: requests, and where their inputs are."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from calotype.actions.registry import Kinds
from calotype.ground.diagnostics import Diagnostic, Problem, error, raise_errors
from calotype.ground.events import Events
from calotype.language.action import Action
from calotype.plan.planned import Planned
from calotype.project.workspace import Workspace
from calotype.run.node_table import Act, Nodes
from calotype.run.publishing import unreadable
from calotype.run.replanning import Replanning
from calotype.store.results import Made
from calotype.workers.protocol import Request
from calotype.workers.work import Failed, Gone, Work

CHANGES = 10
"""How often a candidate may turn out to be asked for by another request than a moment before."""
PLANS = 8
"""As many targets are worked on by turns, where they have much to perform and places of work take them in turn."""


class Batches:
    """Each target of a batch is planned again. What is not wanted any more, or lacks an input, is left out."""

    def __init__(
        self, workspace: Workspace, kinds: Kinds, nodes: Nodes, replanning: Replanning, events: Events
    ) -> None:
        self._workspace, self._kinds, self._nodes = workspace, kinds, nodes
        self._replanning, self._events = replanning, events
        self._plans: OrderedDict[str, _Plan] = OrderedDict()

    def work(self, batch: tuple[int, ...]) -> Work | None:
        """The batch with its requests; None where nothing of it is left."""
        taken: list[int] = []
        requests: list[Request] = []
        inputs: dict[str, Path] = {}
        action: Action | None = None
        for node in batch:
            act = self._nodes.act(node)
            try:
                plan = self._plan_of(act)
                ready = self._prepare(act, plan)
            except Problem as problem:
                self._nodes.fail(node, problem.diagnostics[0].message, problem.diagnostics[0])
                continue
            if ready is None:
                self._leave_out(node, act, plan.planned)
                continue
            action, request, files = ready
            self._events.emit("action.started", action=act.kind, key=action.key, target=act.entry.target)
            taken.append(node)
            requests.append(request)
            inputs |= files
        if action is None:
            return None
        kind = self._kinds.of(action)
        return Work(kind.worker(action), taken, requests, inputs, kind.lane(action))

    def put_off(self, answer: Gone | Failed) -> bool:
        """An action is not performed now: the targets that ask for it are planned again. False where that is of no
        use."""
        self._plans.clear()
        if isinstance(answer, Failed):
            return self._nodes.end_with_nothing(answer.node)
        return self._gone(answer.node, answer.digest)

    def _gone(self, node: int, digest: str) -> bool:
        """An input of `node` turned out to be missing or damaged: it is put aside, so that it is made again. False
        where that is of no use."""
        planned = self._replanning.plan(self._nodes.act(node).entry)
        sources = [made for made in _read(planned, self._workspace) if made.output == digest]
        discarded = [self._workspace.results.discard(made) for made in sources]
        return any(discarded) and self._nodes.end_with_nothing(node)

    def _plan_of(self, act: Act) -> _Plan:
        """The plan of the action's target: one made before, as long as it asks for the action and what it rests on is
        as it was. A target of many candidates fills many batches. Raises Problem where its spec was edited."""
        entry = act.entry
        plan = self._plans.get(entry.target)
        if plan is None or act.key.hex() not in plan.actions or (
                not self._replanning.is_current(entry, plan.planned, plan.picks)):
            planned = self._replanning.plan(entry)
            plan = self._plans[entry.target] = _Plan(planned, self._replanning.picks_under(planned), self._workspace)
            if len(self._plans) > PLANS:
                self._plans.popitem(last=False)
        self._plans.move_to_end(entry.target)
        return plan

    def _leave_out(self, node: int, act: Act, planned: Planned) -> None:
        entry = act.entry
        entry.left_out += 1
        if entry.left_out > CHANGES * planned.image.candidates:
            problem = self._unsettled(act, planned)
        elif self._nodes.end_with_nothing(node):
            return
        else:
            problem = unreadable(entry.target, entry.file)
        self._nodes.fail(node, problem.message, problem)

    def _unsettled(self, act: Act, planned: Planned) -> Diagnostic:
        """Whoever asks by another request each time is among those that are to perform an action of the kind now."""
        workers = [self._kinds.of(action).worker(action) for action in planned.perform if action.kind == act.kind]
        names = dict.fromkeys(f"`{worker.name}`" for worker in workers) or [f"`{planned.image.renderer}`"]
        group = workers[0].group if workers else "renderer"
        message = f"{act.entry.target}: the {group} {' or '.join(names)} asks for it by another request each time"
        return error("unsettled-request", message, file=act.entry.file,
                     hint=f"a request is made of the image alone: report it to the author of the {group}")

    def _prepare(self, act: Act, plan: _Plan) -> tuple[Action, Request, dict[str, Path]] | None:
        """The action, its request, and where its inputs are; None where it is not wanted, or an input is gone."""
        action = plan.actions.get(act.key.hex())
        if action is None:
            return None
        kind = self._kinds.of(action)
        raise_errors(list(kind.lacks(action)))
        request = kind.request(action)
        files = self._workspace.inputs.files([request])
        lost = set()
        for digest, file in self._pictures(action, plan):
            if file is None:
                lost.add(digest)
            else:
                files[digest] = file
        return (action, request, files) if lost <= files.keys() else None

    def _pictures(self, action: Action, plan: _Plan) -> Iterator[tuple[str, Path | None]]:
        """The pixel digests that `action` names, each with its file, proved by its digest; None where that is gone."""
        results = self._workspace.results
        for digest in sorted(action.digests & plan.pictures.keys()):
            for made in plan.pictures[digest]:
                yield digest, results.sound_place(made)


class _Plan:
    """What a target needs: the `actions` to be performed now, by key, and every picture that one of them may read, by
    its pixels. What is to follow them is planned when they are done: only then is it known where its pictures lie.
    `picks` are those of the run that it rests on."""

    def __init__(self, planned: Planned, picks: tuple[str | None, ...], workspace: Workspace) -> None:
        self.planned, self.picks = planned, picks
        self.actions = {action.key: action for action in planned.perform}
        self.pictures: dict[str, list[Made]] = {}
        for made in _read(planned, workspace):
            if made.blob is not None:
                self.pictures.setdefault(made.output, []).append(made)


def _read(planned: Planned, workspace: Workspace) -> Iterator[Made]:
    """Every picture that an action of the target may read: its maps, its candidates, the picks it starts from."""
    yield from planned.results()
    for target in planned.starts_from:
        line = workspace.manifest.line(target)
        if line is not None:
            yield Made(line.pixels, line.sha256, at_hand=True, path=line.path)
