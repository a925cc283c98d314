"""What becomes of targets whose inputs are ready: they ask for actions, await a human, fail, or are published."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from calotype.engine.rebuild import Need
from calotype.engine.schedule import Schedule, State
from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.events import Events
from calotype.ground.troubleshooting import NO_ANCHOR, see
from calotype.plan.explain import Places, reason, with_rejections
from calotype.plan.judging_findings import findings_of
from calotype.plan.judging_remarks import look_alikes, low_score, remarks
from calotype.plan.planned import Planned
from calotype.plan.prompt_reviews import enhancement_in
from calotype.project.specs.spec_cache import SpecCache
from calotype.project.workspace import Workspace
from calotype.results.publish.assets import in_the_way
from calotype.run.buffer import BATCH
from calotype.run.node_table import Nodes, TargetRun, candidates_of, scores_of
from calotype.run.publishing import LOST, Publishing
from calotype.run.replanning import Replanning
from calotype.run.requested import Requested
from calotype.run.traces import Traces

EDITED = "was edited during the build; what was rendered is kept in the cache"


class Settling:
    def __init__(
        self, workspace: Workspace, spec_cache: SpecCache, schedule: Schedule, nodes: Nodes, requested: Requested,
        replanning: Replanning, publishing: Publishing, events: Events, traces: Traces | None,
    ) -> None:
        self._workspace, self._spec_cache, self._schedule, self._nodes = workspace, spec_cache, schedule, nodes
        self._requested, self._replanning, self._publishing = requested, replanning, publishing
        self._events, self._traces = events, traces
        self.remarks: dict[str, list[Diagnostic]] = {}
        """What is said of pictures that were published, by the file of their spec."""

    def settle(self) -> None:
        """Says of each target whose inputs are ready what becomes of it, and publishes those that stand."""
        while True:
            publishable: list[tuple[int, Planned]] = []
            failed: list[tuple[int, Problem]] = []
            for node in self._schedule.ready():
                try:
                    publishable += self._settle(node, self._nodes.target(node))
                except Problem as problem:
                    failed.append((node, problem))
                if len(publishable) >= BATCH:
                    break
            if publishable:
                self._publish(publishable)
            for node, refusal in failed:
                self._fail(node, *refusal.diagnostics)
            if not publishable and not failed:
                return

    def _settle(self, node: int, entry: TargetRun) -> Iterator[tuple[int, Planned]]:
        """Yields the target if it stands and is to be published; else says what it waits for."""
        planned = self._replanning.plan(entry)
        need = planned.verdict.need
        entry.judged = findings_of(planned) if need is not Need.PERFORM else None
        if need is Need.PERFORM and self._requested.left_out(planned):
            self._nodes.leave_out(node, self._requested.left_out(planned))
        elif need is Need.PERFORM:
            self._schedule.wait_for(node, self._requested.nodes_of(planned, entry))
        elif need is Need.AWAIT:
            self._await(node, entry, planned)
        elif need is Need.REFUSE:
            raise Problem(in_the_way(entry.target, entry.path))
        elif need is Need.WAIT:
            raise Problem(error("no-pick", f"{entry.target}: {planned.upstream} has no picture", file=entry.file,
                                hint=f"build or pick that first; {see(NO_ANCHOR)}"))
        elif not self._spec_cache.unchanged(entry.file):
            raise Problem(error("edited", EDITED, file=entry.file, hint="build again"))
        elif planned.low_score is not None and planned.judgement.strict:
            raise Problem(low_score(planned, self._places(entry)) or [])
        else:
            yield node, planned

    def _await(self, node: int, entry: TargetRun, planned: Planned) -> None:
        """A human has to decide. A kept picture that is not in its place is put back before."""
        problem = self._publishing.put_back(planned)
        if problem is not None:
            raise Problem(problem)
        self._publishing.keep(planned)
        entry.words = planned.image.title, planned.image.alt, planned.image.caption
        entry.candidates, entry.rejected = candidates_of(planned), tuple(planned.rejections())
        entry.scores, enhancement = scores_of(planned), enhancement_in(planned)
        entry.enhancement = enhancement.key if enhancement is not None else ""
        if planned.undecided or (planned.shut_out and not planned.decision and not planned.human.conflict):
            entry.reason = reason(planned, self._places(entry))
        elif entry.rendered and not planned.decision and not planned.human.conflict:
            entry.reason = with_rejections("its candidates are rendered, none is picked", planned)
        elif entry.rendered:
            entry.reason = reason(planned, self._places(entry))
        if entry.judged is not None and entry.judged.alike:
            self._remark(entry, look_alikes(planned, self._places(entry)))
        self._nodes.await_human(node)

    def _remark(self, entry: TargetRun, said: Iterable[Diagnostic]) -> None:
        if remarked := list(said):
            self.remarks.setdefault(entry.file, []).extend(remarked)

    def _places(self, entry: TargetRun) -> Places:
        """Raises Problem where the spec was edited meanwhile."""
        return Places(self._workspace.root, self._spec_cache.spec(entry.file), self._workspace.shared)

    def _publish(self, publishable: list[tuple[int, Planned]]) -> None:
        """Publishes a batch. A full disk fails the batch, not the renders: they are in the cache."""
        self._tell_why(publishable)
        problems = self._publishing.publish([planned for _, planned in publishable])
        failed: list[tuple[int, Diagnostic]] = []
        for (node, planned), problem in zip(publishable, problems, strict=True):
            if problem is not None and problem.code == LOST:
                problem = self._make_again(node, self._nodes.target(node), problem)
                if problem is None:
                    continue
            if problem is not None:
                failed.append((node, problem))
                continue
            self._published(node, planned)
        for node, problem in failed:  # a failure may end the run, so what is published is told first
            self._fail(node, problem)

    def _published(self, node: int, planned: Planned) -> None:
        entry = self._nodes.target(node)
        restored = planned.verdict.need is Need.RESTORE and not entry.unscored
        entry.status = "rendered" if entry.rendered else "restored" if restored else "cached"
        self._replanning.picks[entry.target] = planned.pixels or ""
        self._events.emit("target.published", target=entry.target, status=entry.status, path=entry.path,
                          reason=entry.reason)
        self._schedule.finished(node)

    def _fail(self, node: int, *diagnostics: Diagnostic) -> None:
        """Fails a target, unless a failure before it has ended the run."""
        if self._schedule.state(node) is not State.CANCELLED:
            self._nodes.fail(node, diagnostics[0].message, *diagnostics)

    def _tell_why(self, publishable: list[tuple[int, Planned]]) -> None:
        """Writes down what changed. Where scores alone were missing, only now is it known what they lead to."""
        for node, planned in publishable:
            entry = self._nodes.target(node)
            try:
                places = self._places(entry)
            except Problem:
                continue  # edited just now: what changed has no place any more
            self._remark(entry, remarks(planned, places))
            if entry.unscored:
                entry.reason = reason(planned, places)
            if self._traces is not None:
                self._traces.note(planned, places)
        if self._traces is not None:
            self._traces.write()

    def _make_again(self, node: int, entry: TargetRun, lost: Diagnostic) -> Diagnostic | None:
        """The bytes to be published were damaged or are gone: they are rendered. Returns why they cannot be."""
        try:
            planned = self._replanning.plan(entry)
            if planned.verdict.need is not Need.PERFORM:
                return lost
            self._schedule.wait_for(node, self._requested.nodes_of(planned, entry))
        except Problem as problem:
            return problem.diagnostics[0]
        return None
