"""What the record of an enhanced prompt tells: its score, what the critic missed last, which answers were refused.

The record is kept where the prompt was made, in the action cache; of one that came with the manifest there is none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import Any

from calotype.actions.enhances import ENHANCE
from calotype.language.action import Action
from calotype.plan.planned import Planned
from calotype.project.answers import PromptReview
from calotype.results.publish.line import Line
from calotype.store.action_cache import ActionCache


def enhancement_in(planned: Planned) -> Action | None:
    """What makes the prompt of a target, or made it; None where its prompt is its author's."""
    actions = chain(planned.perform, (action for action, _ in planned.used))
    return next((action for action in actions if action.kind == ENHANCE), None)


def review_of(planned: Planned, cache: ActionCache) -> PromptReview | None:
    """The review of the prompt of a target; None where none was made, or its record is not here."""
    action = enhancement_in(planned)
    line = planned.kept or planned.line
    key = action.key if action is not None else enhancement_of_line(line) if line is not None else ""
    return prompt_review(key, cache)


def enhancement_of_line(line: Line) -> str:
    """The key of the enhancement that a published picture rests on; empty where there is none."""
    return next((each.action for each in line.upstream if each.kind == ENHANCE), "")


def prompt_review(key: str, cache: ActionCache) -> PromptReview | None:
    """The review of the prompt that the enhancement `key` made; None where its record is not here."""
    result = cache.get(key) if key else None
    components = cache.components(key) if result is not None else None
    if result is None or components is None or not result.outputs.get("rounds"):
        return None
    return _review(json.loads(components), result.outputs)


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
