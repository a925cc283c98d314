"""What within a score costs a picture the most, from the record of it. Must not score anything.

Records are kept on the machine that scored alone: elsewhere nothing is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from calotype.language.judging.weakest import Weakest
from calotype.store.action_cache import ActionCache, Result
from calotype.workers.judge.technical import WEIGHTS

_FAULTS: Mapping[str, str] = {
    "sharpness": "it is soft", "exposure": "it is too dark or too bright", "background": "the ground is uneven",
    "whole": "the edges cut the figure",
}
"""What a part of `technical` below FAULTY says of a picture."""
FAULTY = 50.0
_READ = 3
"""Lines of lettering that are told."""
_SOUND = 90.0
"""A part of at least so much costs nothing worth telling."""


def lowest_part(weakest: Weakest | None, scores: Iterable[str], cache: ActionCache) -> str:
    """Why the scorer gave a picture so little, in words; empty where its record does not tell. `scores` are the keys of
    the actions that judged pictures of its target."""
    if weakest is None or weakest.scorer not in ("technical", "text"):
        return ""
    for key, result in cache.get_many(scores).items():
        components = cache.components(key)
        request = json.loads(components) if components is not None else {}
        if request.get("scorer") == weakest.scorer and request.get("pixels") == weakest.pixels:
            return _words(weakest.scorer, result)
    return ""


def _words(scorer: str, result: Result) -> str:
    if scorer == "text":
        lines = [f"“{line['text']}”" for line in result.facts.get("lines", ())]
        more = ", ..." if len(lines) > _READ else ""
        return f"it reads {', '.join(lines[:_READ])}{more}" if lines else ""
    parts: Mapping[str, Any] = result.outputs.get("parts", {})
    costs = {name: WEIGHTS[name] * (100 - float(value)) for name, value in parts.items() if name in WEIGHTS}
    lowest = max(costs, key=lambda name: costs[name], default="")
    if not lowest or float(parts[lowest]) >= _SOUND:
        return ""
    value = float(parts[lowest])
    return f"{_FAULTS[lowest]} ({lowest} {value:.0f})" if value < FAULTY else f"least for {lowest} ({value:.0f})"
