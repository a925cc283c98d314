"""Carries a plan out: renders what is missing, records it, publishes what stands. Must not decide what is stale."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial

from calotype.actions.preflight import Preflight
from calotype.engine.rebuild import Need
from calotype.engine.schedule import Schedule, State
from calotype.ground.diagnostics import Diagnostic, Problem, error, raise_errors
from calotype.ground.events import Events
from calotype.ground.light_dataclass import dataclass
from calotype.ground.target_names import candidate_seed
from calotype.language.action import PICK, request_of
from calotype.language.image import Image
from calotype.plan.explain import UPSTREAM_FAILED, Places
from calotype.plan.planner import Planned, plan_image
from calotype.project.spec_cache import SpecCache
from calotype.project.workspace import Workspace
from calotype.results.publish.assets import in_the_way
from calotype.run.buffer import BATCH, Picture, ResultBuffer, encode
from calotype.run.publishing import LOST, Publishing, unreadable
from calotype.run.traces import Traces
from calotype.workers.work import Answer, Executor, Failed, Gone, Work
from calotype.workers.work import Made as Answered

INPUT_EDITED = "a weight or a picture it is made from was edited during the render"
EDITED = "was edited during the build; what was rendered is kept in the cache"


@dataclass(slots=True)
class TargetRun:
    """A target that is not up to date, and what became of it. `wants` are the render keys it needs; `rendered` says
    that one of them was made for it, not for another target that asked first. `candidates` are those of one that awaits
    a human: key, pixel digest and seed."""

    target: str
    path: str
    file: str
    place: int
    reason: str
    wants: tuple[str, ...] = ()
    rendered: bool = False
    status: str = ""
    candidates: tuple[tuple[str, str, int], ...] = ()


def candidates_of(planned: Planned) -> tuple[tuple[str, str, int], ...]:
    """Key, pixel digest and seed of the candidates that are made."""
    seed = planned.image.seed
    return tuple((key, planned.made[key].pixels, candidate_seed(seed, at))
                 for at, key in enumerate(planned.keys) if key in planned.made)


@dataclass(frozen=True, slots=True)
class Render:
    """One candidate to render: where to find its request again. Requests of a large plan would not fit in memory."""

    key: str
    entry: TargetRun
    candidate: int


class Run:
    """One run of a build. `add` each planned target that is not up to date, in its spec's order; then `carry_out`."""

    def __init__(
        self, workspace: Workspace, spec_cache: SpecCache, publishing: Publishing, events: Events, jobs: int,
        keep_going: bool, traces: Traces | None,
    ) -> None:
        self._workspace, self._spec_cache, self._publishing, self._events = workspace, spec_cache, publishing, events
        self._jobs, self._traces = jobs, traces
        self._schedule = Schedule(jobs, BATCH, keep_going)
        self._what: list[TargetRun | Render] = []
        self._node_of: dict[str, int] = {}  # of the spec that is being added: what starts from what is in one spec
        self._adding = ""
        self._render_of: dict[str, int] = {}
        self._picks: dict[str, str] = {}
        self._finished = ResultBuffer(workspace)
        self._preflight = Preflight(workspace)
        self.obstacles: dict[Diagnostic, None] = {}  # what will fail renders, as far as the plan tells: each once
        self.rendered = 0
        self.estimate = 0.0
        self.diagnostics: list[Diagnostic] = []

    def add(self, planned: Planned, file: str, place: int, reason: str) -> None:
        image = planned.image
        if file != self._adding:
            self._node_of.clear()
            self._adding = file
        entry = TargetRun(image.target, image.path, file, place, reason)
        inputs = [self._node_of[target] for target in planned.starts_from if target in self._node_of]
        inputs += self._renders(planned, entry)
        node = self._schedule.add(inputs)
        self._what.append(entry)
        self._node_of[image.target] = node
        self._publishing.expect(image.target, image.path)

    @property
    def renders(self) -> int:
        """How many renders the plan asks for so far, each key once."""
        return len(self._render_of)

    @property
    def entries(self) -> Iterator[TargetRun]:
        return (one for one in self._what if isinstance(one, TargetRun))

    def carry_out(self, executor: Executor, cancel: Callable[[], bool]) -> None:
        """Runs everything; `entries` then say what became of each target. What was finished is kept if this raises."""
        stop = lambda: cancel() or self._schedule.stopping  # noqa: E731
        try:
            encoder = partial(encode, self._workspace.library.config.output["embed"])
            running = executor.run(lambda place: self._source(cancel), encoder, self._jobs, stop, self._events.emit)
            with closing(running) as answers:
                for answer in answers:
                    self._take(answer)
        finally:
            self._flush()
        if cancel():
            self._schedule.cancel()
        self._decide()
        for entry in self.entries:
            if not entry.status:
                entry.status, entry.reason = "skipped", "the build was stopped"

    def _renders(self, planned: Planned, entry: TargetRun) -> list[int]:
        """The nodes of the renders that `planned` needs. A render that another target asked for first is shared."""
        nodes = []
        renderer = self._workspace.renderer(planned.image.renderer)
        entry.wants += planned.verdict.renders
        for key in planned.verdict.renders:
            node = self._render_of.get(key)
            if node is None:
                candidate = planned.keys.index(key)
                request = request_of(planned.actions[candidate].components)
                node = self._schedule.add((), (renderer.name, *renderer.affinity(request)))
                self.obstacles.update(dict.fromkeys(self._preflight.lacks(renderer, request)))
                self._what.append(Render(key, entry, candidate))
                self._render_of[key] = node
                self.estimate += renderer.estimate(request).seconds
                entry.rendered = True
            nodes.append(node)
        return nodes

    def _source(self, cancel: Callable[[], bool]) -> Work | None:
        """The next batch. Decides first what the answers so far have made ready."""
        while True:
            if cancel():
                self._schedule.cancel()
            self._decide()
            batch = self._schedule.next_batch()
            if batch is not None:
                work = self._work(batch.affinity[0], batch.nodes)
                if work is not None:
                    return work
            elif self._finished:
                self._flush()
            else:
                return None

    def _work(self, renderer: str, nodes: tuple[int, ...]) -> Work | None:
        """The batch with its requests; nodes whose spec has changed meanwhile fail here."""
        kept, requests = [], []
        for node in nodes:
            render = self._what[node]
            assert isinstance(render, Render)
            try:
                planned = self._plan(render.entry)
                action = planned.actions[render.candidate]
                self._workspace.conditions.provide(planned.conditions)
                raise_errors(self._preflight.lacks(self._workspace.renderer(renderer), request_of(action.components)))
            except Problem as problem:
                self._fail(node, problem.diagnostics[0].message, problem.diagnostics[0])
                continue
            self._events.emit("action.started", action="render", key=action.key, target=render.entry.target)
            kept.append(node)
            requests.append(request_of(action.components))
        if not kept:
            return None
        return self._workspace.work(self._workspace.renderer(renderer), kept, requests)

    def _hold_pick(self, image: Image) -> None:
        """Says where the picture can be read that `image` starts from, once it is published."""
        start = image.reference
        if start is None or isinstance(start.pixels, str):
            return
        line = self._workspace.manifest.line(start.pixels[PICK])
        if line is not None:
            kept = self._workspace.cas.get(line.sha256) is not None
            place = self._workspace.cas.path(line.sha256) if kept else self._workspace.root / line.path
            self._workspace.inputs.hold(line.pixels, place)

    def _take(self, answer: Answer[Picture]) -> None:
        render = self._what[answer.node]
        assert isinstance(render, Render)
        if isinstance(answer, Answered):
            self._finished.hold(answer.node, answer.value, answer.facts, answer.seconds)
            self._events.emit("action.finished", action="render", key=render.key, target=render.entry.target,
                              seconds=answer.seconds)
            if self._finished.due:
                self._flush()
        elif isinstance(answer, Failed | Gone):
            self._events.emit("action.failed", action="render", key=render.key, target=render.entry.target,
                              message=answer.message, traceback=answer.traceback)
            self._fail(answer.node, answer.message, error("render-failed", f"{render.entry.target}: {answer.message}",
                                                          file=render.entry.file, hint=answer.hint))
        else:
            self._schedule.cancel()
            self._schedule.abandoned(answer.node)

    def _flush(self) -> None:
        """Makes finished renders durable; then their targets may go on."""
        if not self._finished:
            return
        kept = self._finished.keep()
        self.rendered += len(kept)
        for node, sound in kept:
            if sound:
                self._schedule.finished(node)
            else:
                self._fail(node, INPUT_EDITED, error("edited", INPUT_EDITED, hint="build again"))

    def _decide(self) -> None:
        """Says of each target whose inputs are ready what becomes of it, and publishes those that stand."""
        publishable: list[tuple[int, Planned]] = []
        while True:
            for node in self._schedule.ready():
                try:
                    publishable += self._settle(node, self._entry(node))
                except Problem as problem:
                    self._fail(node, problem.diagnostics[0].message, *problem.diagnostics)
                if len(publishable) >= BATCH:
                    break
            if not publishable:
                return
            self._publish(publishable)
            publishable.clear()

    def _settle(self, node: int, entry: TargetRun) -> Iterator[tuple[int, Planned]]:
        """Yields the target if it stands and is to be published; else says what it waits for."""
        planned = self._plan(entry)
        need = planned.verdict.need
        if need is Need.RENDER:
            self._want(node, planned, entry)
        elif need is Need.AWAIT:
            entry.candidates = candidates_of(planned)
            self._await(node, entry)
        elif need is Need.REFUSE:
            raise Problem(in_the_way(entry.target, entry.path))
        elif not self._spec_cache.unchanged(entry.file):
            raise Problem(error("edited", EDITED, file=entry.file, hint="build again"))
        else:
            yield node, planned

    def _publish(self, publishable: list[tuple[int, Planned]]) -> None:
        """Publishes a batch. A full disk fails the batch, not the renders: they are in the cache."""
        self._workspace.scores.record()
        self._trace(publishable)
        problems = self._publishing.publish([planned for _, planned in publishable])
        for (node, planned), problem in zip(publishable, problems, strict=True):
            entry = self._entry(node)
            if problem is not None and problem.code == LOST:
                problem = self._make_again(node, entry, problem)
                if problem is None:
                    continue
            if problem is not None:
                self._fail(node, problem.message, problem)
                continue
            restored = planned.verdict.need is Need.RESTORE
            entry.status = "rendered" if entry.rendered else "restored" if restored else "cached"
            self._picks[entry.target] = planned.pixels or ""
            self._events.emit("target.published", target=entry.target, status=entry.status, path=entry.path,
                              reason=entry.reason)
            self._schedule.finished(node)

    def _trace(self, publishable: list[tuple[int, Planned]]) -> None:
        if self._traces is None:
            return
        for node, planned in publishable:
            spec = self._spec_cache.spec(self._entry(node).file)
            self._traces.note(planned, Places(self._workspace.root, spec, self._workspace.library))
        self._traces.write()

    def _make_again(self, node: int, entry: TargetRun, lost: Diagnostic) -> Diagnostic | None:
        """The bytes to be published were damaged or are gone: they are rendered. Returns why they cannot be."""
        try:
            planned = self._plan(entry)
            if planned.verdict.need is not Need.RENDER:
                return lost
            self._want(node, planned, entry)
        except Problem as problem:
            return problem.diagnostics[0]
        return None

    def _want(self, node: int, planned: Planned, entry: TargetRun) -> None:
        """Lets a target wait for renders of which only now is known that they are missing.

        Raises Problem for one that this run has made already, so that nothing is rendered for ever, or could not make.
        """
        for key in planned.verdict.renders:
            state = self._schedule.state(self._render_of[key]) if key in self._render_of else State.WANT
            if state is State.DONE:
                raise Problem(unreadable(entry.target, entry.file))
            if state is State.FAILED:
                message = f"{entry.target}: another target asked for the same picture, which failed"
                raise Problem(error("render-failed", message, file=entry.file))
        self._schedule.wait_for(node, self._renders(planned, entry))

    def _plan(self, entry: TargetRun) -> Planned:
        """What the target needs now; control maps that its requests wait for are drawn here."""
        image, picks = self._spec_cache.images(entry.file)[entry.place], _Picks(self._picks, self._workspace)
        self._hold_pick(image)
        planned = plan_image(image, picks, self._workspace)
        if planned.missing and planned.upstream is None:
            self._workspace.conditions.provide(planned.missing)
            planned = plan_image(image, picks, self._workspace)
        return planned

    def _await(self, node: int, entry: TargetRun) -> None:
        if entry.rendered:
            entry.reason = "its candidates are rendered, none is picked"
        for waiting in (node, *self._schedule.awaits_human(node)):
            self._entry(waiting).status = "awaiting"

    def _fail(self, node: int, message: str, *diagnostics: Diagnostic) -> None:
        """Marks what `node` takes with it: targets that wanted this render failed, what starts from them is skipped."""
        self.diagnostics += diagnostics
        what = self._what[node]
        stopped = [self._entry(other) for other in self._schedule.failed(node)]
        if isinstance(what, TargetRun):
            what.status, what.reason = "failed", message
        for entry in stopped:
            if isinstance(what, Render) and what.key in entry.wants:
                entry.status, entry.reason = "failed", message
            else:
                entry.status, entry.reason = "skipped", UPSTREAM_FAILED

    def _entry(self, node: int) -> TargetRun:
        what = self._what[node]
        assert isinstance(what, TargetRun)
        return what


class _Picks(Mapping[str, str | None]):
    """The pixel digests of picks: of this run, else published."""

    def __init__(self, fresh: Mapping[str, str], workspace: Workspace) -> None:
        self._fresh, self._workspace = fresh, workspace

    def __getitem__(self, target: str) -> str | None:
        if target in self._fresh:
            return self._fresh[target]
        line = self._workspace.manifest.line(target)
        return None if line is None else line.pixels

    def __iter__(self) -> Iterator[str]:
        return iter(self._fresh)

    def __len__(self) -> int:
        return len(self._fresh)
