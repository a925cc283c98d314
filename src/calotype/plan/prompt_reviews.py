"""What the record of an enhanced prompt tells: its score, what the critic missed last, which answers were refused.

The record is kept where the prompt was made, in the action cache. Of one that came with the manifest there is none:
what the embedded lexicon made is the same anywhere, and is made again to be told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import Any

from calotype.actions.enhances import ENHANCE, is_embedded, made_here
from calotype.ground.diagnostics import Problem
from calotype.language.action import Action
from calotype.plan.planned import Planned
from calotype.project.answers import PromptReview
from calotype.results.publish.line import Line
from calotype.store.action_cache import ActionCache


def enhancement_in(planned: Planned) -> Action | None:
    """What makes the prompt of a target, or made it; None where its prompt is its author's."""
    actions = chain(planned.perform, (action for action, _ in planned.used))
    return next((action for action in actions if action.kind == ENHANCE), None)


def enhancements_by_target(planned: Planned) -> dict[str, Action]:
    """What makes the prompt of a target, under its name; nothing where its prompt is its author's."""
    action = enhancement_in(planned)
    return {} if action is None else {planned.image.target: action}


def review_of(planned: Planned, cache: ActionCache) -> PromptReview | None:
    """The review of the prompt of a target; None where none was made, or its record is not here."""
    action = enhancement_in(planned)
    line = planned.kept or planned.line
    key = action.key if action is not None else enhancement_of_line(line) if line is not None else ""
    return prompt_review(key, cache, action)


def enhancement_of_line(line: Line) -> str:
    """The key of the enhancement that a published picture rests on; empty where there is none."""
    return next((each.action for each in line.upstream if each.kind == ENHANCE), "")


def prompt_review(key: str, cache: ActionCache, action: Action | None = None) -> PromptReview | None:
    """The review of the prompt that the enhancement `key` made; None where its record is not here. `action` is that
    enhancement, where it is known: what the embedded lexicon made is made again then."""
    result = cache.get(key) if key else None
    outputs = result.outputs if result is not None else {}
    if not outputs.get("rounds") and action is not None and is_embedded(action):
        outputs = _made_again(action)
    components = action.components if action is not None else cache.components(key) if outputs else None
    return _review(json.loads(components), outputs) if components is not None and outputs.get("rounds") else None


def _made_again(action: Action) -> Mapping[str, Any]:
    try:
        return made_here(action).outputs
    except Problem:
        return {}


def _review(request: Mapping[str, Any], outputs: Mapping[str, Any]) -> PromptReview:
    """`outputs` are those of the enhancement that the `request` asked for."""
    rounds = outputs["rounds"]
    stands = next((number for number, each in enumerate(rounds, 1) if each["text"] == outputs["output"]), len(rounds))
    last = rounds[-1]
    return PromptReview(
        float(outputs["score"]), float(request["threshold"]), stands, len(rounds), int(request["iterations"]),
        tuple(rounds[stands - 1]["critique"]), tuple(last["critique"]), float(last["overall"]),
        tuple("; ".join(reasons) for reasons in chain.from_iterable(each["refused"] for each in rounds)),
        str(outputs.get("ended", "")))
