"""One target as people see it: its picture, its candidates with their scores, what was decided. Must not write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from calotype.actions.registry import Kinds
from calotype.ground.target_names import candidate_seed
from calotype.language.action import Action
from calotype.plan.analysis import Found
from calotype.plan.judging.judgement import judgement_of
from calotype.plan.planned import Planned
from calotype.project.answers import CandidateRow, DecisionRow, TargetView
from calotype.project.decisions.index import Entry
from calotype.project.published import records_of
from calotype.project.workspace import Workspace
from calotype.queries.status import status_of, status_query
from calotype.queries.target_named import target_named
from calotype.queries.weights_told import weights_of
from calotype.results.publish.proof import IMPORTED, RENDERED


def show(root: Path, target: str) -> TargetView:
    """Raises Problem (unknown-target) where `target` is not one."""
    with status_query(root, (target,)) as query:
        return _view(target_named(query, target), query.workspace)


def _view(found: Found, workspace: Workspace) -> TargetView:
    planned = found.planned
    image, line = planned.image, planned.kept or planned.line
    return TargetView(
        image.target, status_of(found), found.reason, planned.decision, image.title, image.path, image.size,
        line.pixels if line is not None else "", line.origin if line is not None else "",
        tuple(candidates(planned, workspace)), tuple(_decisions(planned, workspace.root)),
        weights_of(planned, workspace))


def candidates(planned: Planned, workspace: Workspace) -> Iterator[CandidateRow]:
    """The candidates that are rendered, in seed order, then the picture that was put in by hand."""
    made = {planned.made[key].pixels for key in planned.keys if key in planned.made}
    scores = _scores(planned, workspace, made)
    for index, action in enumerate(planned.actions):
        if action.key in planned.made:
            pixels = planned.made[action.key].pixels
            yield _row(planned, action, index + 1, candidate_seed(planned.image.seed, index), scores.get(pixels, {}))
    if planned.imported is not None and planned.imported.key in planned.made:
        yield _row(planned, planned.imported, None, None, {})


def _row(
    planned: Planned, action: Action, number: int | None, seed: int | None, scores: Mapping[str, float]
) -> CandidateRow:
    pixels, chosen = planned.made[action.key].pixels, planned.chosen
    approved = any(entry.decision.decision == "approve" and entry.decision.pixels == pixels
                   for entry in planned.human.picks)
    rejection = next((each for each in planned.rejections() if each.pixels == pixels), None)
    return CandidateRow(
        number, pixels, seed, scores, chosen is not None and chosen.key == action.key, approved,
        rejection is not None, rejection.reason if rejection is not None else "",
        RENDERED if number is not None else IMPORTED)


def _scores(planned: Planned, workspace: Workspace, pictures: set[str]) -> dict[str, Mapping[str, float]]:
    """What the choice rests on; besides, what is remembered of pictures that were judged before."""
    judges = Kinds(workspace).judges
    actions = list(judges.every_action(planned.image, sorted(pictures)))
    remembered = workspace.results.get_many([action.key for action in actions], records_of(planned.line))
    used = [*((action, remembered[action.key]) for action in actions if action.key in remembered), *planned.used]
    judgement = judgement_of(planned.image, used, judges)
    return {pixels: judgement.numbers(pixels) for pixels in pictures}


def _decisions(planned: Planned, root: Path) -> Iterator[DecisionRow]:
    human = planned.human
    entries: dict[Entry, None] = dict.fromkeys((*human.picks, *human.stale, *human.rejections, *human.curation))
    for entry in entries:
        decision = entry.decision
        yield DecisionRow(decision.decision, decision.pixels, decision.reason, entry.file, entry.line(root))
