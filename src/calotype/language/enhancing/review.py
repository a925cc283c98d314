"""How good a prompt is: five scores, what they come to, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass

WEIGHTS = {
    "completeness": 25, "specificity": 25, "professionalism": 15, "cinematography": 20, "brand_alignment": 15}
"""Hundredths of the whole: are all elements described, are they precise and concrete, is it ready for production, are
camera, light and composition told, does it fit the brand."""


@dataclass(frozen=True, slots=True)
class Review:
    """`scores` are those of WEIGHTS, each 0-100. `critique` are what is missing, for whoever writes the next round."""

    scores: Mapping[str, float]
    critique: tuple[str, ...] = ()

    @property
    def overall(self) -> float:
        """The weighted mean, 0-100, to a hundredth."""
        return round(sum(WEIGHTS[name] * self.scores[name] for name in WEIGHTS) / 100, 2)

    def as_json(self) -> dict[str, Any]:
        return {"scores": dict(self.scores), "overall": self.overall, "critique": list(self.critique)}
