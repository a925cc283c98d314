"""Enhanced prompts as actions: one for each image whose spec asks for it, shared by those that ask alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from calotype.actions.kinds import Known, Output, Phase, Wanted
from calotype.actions.worker_kind import WorkerKind
from calotype.ground.light_dataclass import replace
from calotype.language.action import Action, make
from calotype.language.enhancing.enhancement import EMBEDDED
from calotype.language.image import Image, Words

if TYPE_CHECKING:
    from calotype.workers.protocol import Worker, Written

ENHANCE = "enhance"
UNWRITTEN = "<<the prompt that is not written yet>>"
"""In the place of a text that an endpoint is yet to write: what holds it depends on that text."""


class Enhance(WorkerKind):
    """Its output is the text, which is the prompt of the image from then on."""

    name = ENHANCE
    phase: Phase = "enhance"
    stage = 0
    leaves_file = False
    group = "enhancer"
    code = "enhance-failed"
    foretells: bool = False
    """Whether a plan is made: what the text will be is then looked at, as far as that can be known."""

    def expects(self, state: Known) -> int:
        return int(state.image.enhancement is not None)

    def wanted(self, state: Known) -> Wanted:
        action = state.enhance
        return Wanted((action,)) if action is not None else Wanted()

    def action(self, image: Image) -> Action | None:
        """What makes the prompt of `image`, whose words are its plain ones; None where none is to be made."""
        enhancement = image.enhancement
        if enhancement is None:
            return None
        worker = self._workspace.enhancer(enhancement.enhancer)
        return make(self.name, worker.request(enhancement, image.words().prompt))

    def foretold(self, action: Action) -> str:
        """In a plan the text that will be made, or UNWRITTEN; empty otherwise, or where there will be none."""
        from calotype.ground.diagnostics import Problem

        if not self.foretells:
            return ""
        try:
            return str(made_here(action).outputs["output"]) if is_embedded(action) else UNWRITTEN
        except Problem:
            return ""

    def request(self, action: Action) -> Mapping[str, Any]:
        components: dict[str, Any] = json.loads(action.components)
        return components

    def _worker(self, request: Mapping[str, Any]) -> Worker:
        return self._workspace.registry.enhancer(str(request["enhancer"]))


def with_prompt(image: Image, prompt: str) -> Image:
    """`image` with the `prompt` that was made of its own."""
    plain = image.words
    return replace(image, words=lambda: Words(prompt, plain().negative))


def is_embedded(action: Action) -> bool:
    """Whether it can be made anywhere, at once."""
    return action.kind == ENHANCE and json.loads(action.components)["enhancer"] == EMBEDDED


def made_here(action: Action) -> Output:
    """The text of an embedded enhancement, made here and now. Raises Problem where there is none."""
    from calotype.ground.diagnostics import Problem, error
    from calotype.workers.enhance.embedded_enhancer import Embedded
    from calotype.workers.protocol import Failure

    request = json.loads(action.components)
    outcome = next(Embedded().perform([request], {}, lambda: False))
    if isinstance(outcome, Failure):
        raise Problem(error(Enhance.code, outcome.message, hint=outcome.hint))
    return encode(request, outcome)


def encode(request: Mapping[str, Any], outcome: Written) -> Output:
    """The text, its score, and the rounds that led to it."""
    components = dict(request)
    action = make(str(components.pop("action")), components)
    outputs = {"output": outcome.text, "score": outcome.score, **outcome.rounds}
    return Output(action.kind, action.key, action.components, outputs)
