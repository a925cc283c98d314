"""One target as people see it: its picture, its candidates with their scores, what was decided. Must not write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from calotype.actions.registry import Kinds
from calotype.ground.diagnostics import Problem
from calotype.ground.light_dataclass import replace
from calotype.ground.target_names import candidate_seed
from calotype.language.action import Action
from calotype.plan.analysis import Found
from calotype.plan.judging.judgement import UNJUDGED, judgement_of
from calotype.plan.judging.score_parts import lowest_part
from calotype.plan.judging_findings import Findings, findings_of
from calotype.plan.planned import Planned
from calotype.plan.prompt_reviews import review_of
from calotype.project.answers import CandidateRow, DecisionRow, TargetView
from calotype.project.decisions.index import Entry
from calotype.project.published import records_of
from calotype.project.workspace import Workspace
from calotype.queries.result_records import result_of
from calotype.queries.status import status_of, status_query
from calotype.queries.target_named import target_named
from calotype.queries.weights_told import weights_of
from calotype.results.publish.proof import IMPORTED, RENDERED
from calotype.run.tracing.trace_folders import trace_of


def show(root: Path, target: str) -> TargetView:
    """Raises Problem (unknown-target) where `target` is not one."""
    with status_query(root, (target,)) as query:
        return _view(target_named(query, target), query.workspace)


def _view(found: Found, workspace: Workspace) -> TargetView:
    planned = judged(found.planned, workspace)
    image, line = planned.image, planned.kept or planned.line
    findings = findings_of(planned)
    return TargetView(
        image.target, status_of(found), found.reason, planned.decision, image.title, image.path, image.size,
        line.pixels if line is not None else "", line.origin if line is not None else "",
        tuple(_rows(planned)), tuple(_decisions(planned, workspace.root)), weights_of(planned, workspace),
        findings.ordering if findings is not None else None, findings.alike if findings is not None else (),
        findings.low if findings is not None else "", result_of(planned, workspace),
        findings.weakest if findings is not None else None, _part(findings, planned, workspace),
        findings.look_alikes if findings is not None else ("", ""),
        review_of(planned, workspace.cache), trace_of(workspace.root, image.target))


def _part(findings: Findings | None, planned: Planned, workspace: Workspace) -> str:
    """What within the score that costs the picture the most, as far as this machine has recorded it."""
    weakest = findings.weakest if findings is not None else None
    actions = Kinds(workspace).judges.every_action(planned.image, [weakest.pixels]) if weakest is not None else ()
    return lowest_part(weakest, [action.key for action in actions], workspace.cache)


def candidates(planned: Planned, workspace: Workspace) -> Iterator[CandidateRow]:
    """The candidates that are rendered, in seed order, then the picture that was put in by hand."""
    yield from _rows(judged(planned, workspace))


def _rows(planned: Planned) -> Iterator[CandidateRow]:
    for index, action in enumerate(planned.actions):
        if action.key in planned.made:
            yield _row(planned, action, index + 1, candidate_seed(planned.image.seed, index))
    if planned.imported is not None and planned.imported.key in planned.made:
        yield _row(planned, planned.imported, None, None)


def _row(planned: Planned, action: Action, number: int | None, seed: int | None) -> CandidateRow:
    judgement = planned.judgement if number is not None else UNJUDGED
    pixels, chosen = planned.made[action.key].pixels, planned.chosen
    approved = any(entry.decision.decision == "approve" and entry.decision.pixels == pixels
                   for entry in planned.human.picks)
    rejection = next((each for each in planned.rejections() if each.pixels == pixels), None)
    return CandidateRow(
        number, pixels, seed, judgement.numbers(pixels), chosen is not None and chosen.key == action.key, approved,
        rejection is not None, rejection.reason if rejection is not None else "",
        RENDERED if number is not None else IMPORTED, total=judgement.totals.get(pixels),
        kept_out=judgement.kept_out.get(pixels, ""))


def judged(planned: Planned, workspace: Workspace) -> Planned:
    """With what the choice rests on; besides, what is remembered of pictures that were judged before."""
    pictures = sorted({pixels for _, pixels in planned.pictures()})
    kinds = Kinds(workspace)
    judges = kinds.judges
    actions = [*judges.every_action(planned.image, pictures), *_compared(planned, pictures, kinds, workspace)]
    remembered = workspace.results.get_many([action.key for action in actions], records_of(planned.line))
    used = [*((action, remembered[action.key]) for action in actions if action.key in remembered), *planned.used]
    return replace(planned, judgement=judgement_of(planned.image, used, judges))


def _compared(planned: Planned, pictures: Sequence[str], kinds: Kinds, workspace: Workspace) -> Sequence[Action]:
    """How like its characters each picture may be remembered to be; nothing where that takes weights that are gone."""
    def published(target: str) -> str | None:
        line = workspace.manifest.line(target)
        return line.pixels if line is not None else None

    try:
        return list(kinds.likeness.every_action(planned.image, pictures, published))
    except Problem:
        return ()


def _decisions(planned: Planned, root: Path) -> Iterator[DecisionRow]:
    human = planned.human
    entries: dict[Entry, None] = dict.fromkeys((*human.picks, *human.stale, *human.rejections, *human.curation))
    for entry in entries:
        decision = entry.decision
        yield DecisionRow(decision.decision, decision.pixels, decision.reason, entry.file, entry.line(root))
