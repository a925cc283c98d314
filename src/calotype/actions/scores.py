"""Scores of candidates as actions: one for each scorer and each distinct picture, where a choice depends on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from calotype.actions.kinds import Known, Output, Phase, Wanted
from calotype.actions.worker_kind import WorkerKind
from calotype.language.action import Action, make
from calotype.language.image import Image
from calotype.project.workspace import Workspace
from calotype.store.results import Made

if TYPE_CHECKING:
    from calotype.workers.protocol import Scored, Worker

SCORERS = ("technical",)
"""The scorers that weigh the candidates of every image."""


class Score(WorkerKind):
    """Its output is the total, 0-100, as `repr` writes it."""

    name = "score"
    phase: Phase = "score"
    stage = 4
    group = "scorer"
    code = "score-failed"

    def expects(self, state: Known) -> int:
        """None where a human decides or has decided, or where the candidates are one and the same."""
        if state.image.select != "best" or state.image.candidates == 1:
            return 0
        keys = {action.key for action in state.candidates or state.drafts}
        return len(keys) * len(SCORERS) if len(keys) > 1 and not state.decided else 0

    def wanted(self, state: Known) -> Wanted:
        if not self.expects(state):
            return Wanted()
        results = map(state.made, (action.key for action in state.candidates))
        pictures = dict.fromkeys(made.output for made in results if made is not None)
        return Wanted(tuple(self._actions(state.image, pictures)))

    def _actions(self, image: Image, pictures: Iterable[str]) -> Iterator[Action]:
        for pixels in pictures:
            for name in SCORERS:
                yield make(self.name, self._workspace.scorer(name).request(image, pixels))

    def request(self, action: Action) -> Mapping[str, Any]:
        components: dict[str, Any] = json.loads(action.components)
        return components

    def _worker(self, request: Mapping[str, Any]) -> Worker:
        return self._workspace.registry.scorer(str(request["scorer"]))


def score_by_pixels(workspace: Workspace) -> Callable[[str], Action]:
    """The score action of a pixel digest, of the scorer that reads pixels alone."""
    scorer = workspace.scorer(SCORERS[0])
    return lambda pixels: make(Score.name, {"scorer": scorer.name, "epoch": scorer.epoch, "pixels": pixels})


Scores = Mapping[str, Mapping[str, float]]
"""Pixel digest -> the name of a scorer -> its score."""


def scores_of(used: Iterable[tuple[Action, Made]]) -> Scores:
    """The scores among what planning used."""
    scores: dict[str, dict[str, float]] = {}
    for action, made in used:
        if action.kind == Score.name:
            components = json.loads(action.components)
            scores.setdefault(components["pixels"], {})[components["scorer"]] = float(made.output)
    return scores


def totals(scores: Scores) -> dict[str, float]:
    """What candidates are ordered by, 0-100: the mean of their scores."""
    return {pixels: sum(each.values()) / len(each) for pixels, each in scores.items()}


def encode(request: Mapping[str, Any], outcome: Scored) -> Output:
    components = dict(request)
    action = make(str(components.pop("action")), components)
    return Output(action.kind, action.key, action.components, {"score": outcome.total, "parts": dict(outcome.parts)})
