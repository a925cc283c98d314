"""What `scoring` in calotype.yaml says of each scorer's weight, and how weights make one number of scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MODEL_WEIGHTS: Mapping[str, float] = {"pick": 0.5, "clip": 0.25, "vqa": 0.15, "aesthetic": 0.1}
"""Where calotype.yaml names no weights: scorers that read the words or have a taste, each by a model of its own."""
PLAIN_WEIGHTS: Mapping[str, float] = {"technical": 1.0, "pose": 1.0, "text": 1.0}
"""Those that order alone where none of the scorers that calotype.yaml weighs is here."""
EXACT_WEIGHTS: Mapping[str, float] = {"technical": 1.0}
"""Of pictures that show what they were asked to by construction, where calotype.yaml names no weights."""
THRESHOLD = 30.0
"""The total, 0-100, below which a picture is warned of."""
PERFORMERS = frozenset(("panel",))
"""What performs the requests of scorers, and is none itself."""


def written_weights(scoring: Mapping[str, Any]) -> Mapping[str, float]:
    """The weights above 0 that calotype.yaml names; none where it names none."""
    return {name: float(weight) for name, weight in (scoring.get("weights") or {}).items() if weight > 0}


def weighted_total(scores: Mapping[str, float], weights: Mapping[str, float]) -> float | None:
    """The mean of `scores`, 0-100, by `weights`, which are made to add up to 1 over the scorers that have a say. None
    where none has one."""
    said = [(score, weights[name]) for name, score in scores.items() if weights.get(name, 0) > 0]
    weight = sum(each for _, each in said)
    return sum(score * each for score, each in said) / weight if weight else None


def shares(weights: Mapping[str, float]) -> dict[str, float]:
    """`weights` made to add up to 1."""
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()} if total else {}
