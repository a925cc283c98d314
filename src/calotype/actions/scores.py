"""Scores of candidates as actions: one for each scorer and each distinct picture that is to be judged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from calotype.actions.judges import SCORE, Judges, Panel, subject_of
from calotype.actions.kinds import NO_PICTURE, Known, Output, Phase, Wanted
from calotype.actions.worker_kind import WorkerKind
from calotype.language.action import Action, make
from calotype.language.image import Image
from calotype.language.judging.judged import Judged, is_look, read, reason_of
from calotype.project.workspace import Workspace
from calotype.store.results import Made
from calotype.workers.protocol import WorkerRef, similarity_of

if TYPE_CHECKING:
    from calotype.workers.protocol import Scored, Worker


class Score(WorkerKind):
    """Its output is what the scorer judged, as `judged` writes it."""

    name = SCORE
    phase: Phase = "score"
    stage = 4
    leaves_file = False
    group = "scorer"
    code = "score-failed"

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self.judges = Judges(workspace)

    def expects(self, state: Known) -> int:
        """None where a human has decided, or decides among pictures that no scorer reads; and where the candidates are
        one and the same, but for what keeps pictures out."""
        panel = self._panel(state.image)
        if not panel.asked(state.image.candidates):
            return 0
        self.judges.note(panel)
        keys = {action.key for action in state.candidates or state.drafts}
        return len(keys) * len(panel.asked(len(keys))) if not state.decided else 0

    def wanted(self, state: Known) -> Wanted:
        panel = self._panel(state.image)
        if not self.expects(state):
            return Wanted()
        results = map(state.made, (action.key for action in state.candidates))
        pictures = dict.fromkeys(made.output for made in results if made is not None)
        kept_out = state.kept_out
        judged = [pixels for pixels in pictures if pixels not in kept_out]
        return Wanted(tuple(self.judges.actions(panel.asked(len(judged)), state.image, judged)))

    def will_ask(self, image: Image) -> Iterator[Action]:
        names = self._panel(image).asked(image.candidates)
        yield from self.judges.actions(names, image, [NO_PICTURE])

    def _panel(self, image: Image) -> Panel:
        """Who judges the pictures of a target: those that order them where somebody reads the order."""
        panel = self.judges.of(image)
        ordered = image.select == "best" or (image.select == "human" and panel.shown)
        return panel if ordered else panel.gates_alone

    def request(self, action: Action) -> Mapping[str, Any]:
        components: dict[str, Any] = json.loads(action.components)
        return components

    def worker(self, action: Action) -> WorkerRef:
        """Scorers whose requests another performs, along with those of others, are found under its name."""
        worker = self._of(action)[1]
        performer = getattr(worker, "performed_by", worker.name)
        return self._workspace.reference(self.group, self._workspace.registry.scorer(performer))

    def affinity(self, action: Action) -> tuple[str, ...]:
        request, worker = self._of(action)
        return self.name, getattr(worker, "performed_by", worker.name), *worker.affinity(request)

    def _worker(self, request: Mapping[str, Any]) -> Worker:
        return self._workspace.registry.scorer(str(request["scorer"]))


Scores = Mapping[str, Mapping[str, float]]
"""Pixel digest -> the name of a scorer -> its score, 0-100."""
Said = tuple[str, str, Judged]
"""The pixel digest of a picture, the name of a scorer, and what that said of it."""


def said_of(used: Iterable[tuple[Action, Made]]) -> list[Said]:
    """What scorers said, among what planning used."""
    return [(*subject_of(action), read(made.output)) for action, made in used if action.kind == Score.name]


def scores_of(said: Iterable[Said]) -> Scores:
    """The scores of every picture; of a scorer that had nothing to say of it, none."""
    scores: dict[str, dict[str, float]] = {}
    for pixels, scorer, judged in said:
        of_picture = scores.setdefault(pixels, {})
        if judged.value is not None:
            of_picture[scorer] = judged.value
    return scores


def encode(request: Mapping[str, Any], outcome: Scored) -> Output:
    """A similarity is told as it is, a score as its total, with the `perceptual_hash` among its facts."""
    components = dict(request)
    action = make(str(components.pop("action")), components)
    parts = dict(outcome.parts)
    value = outcome.total if action.kind != "identity" or outcome.total is None else similarity_of(outcome)
    own = parts.get("own") if action.kind == "identity" else None
    reason = reason_of(outcome.reason)
    look = outcome.facts.get("perceptual_hash") if action.kind == Score.name else None
    judged = Judged(None if outcome.total is None else value, reason, own, str(look) if is_look(look) else "")
    outputs = {"output": judged.text(), "score": outcome.total, "parts": parts}
    return Output(action.kind, action.key, action.components, outputs)
