"""The score that pulls a picture down the most, in words for people who do not know the scorers."""

from __future__ import annotations

from collections.abc import Mapping

from calotype.ground.light_dataclass import dataclass
from calotype.language.judging.scorer_weights import shares

ABOUT: Mapping[str, str] = {
    "pick": "whether people would pick it",
    "clip": "how well it matches the prompt",
    "vqa": "whether all that the prompt asks for is there",
    "aesthetic": "how beautiful it is",
    "technical": "how sharp, well lit and whole it is",
    "pose": "how near it is to the pose",
    "text": "how free it is of captions and watermarks",
}
"""What each scorer tells of a picture."""


@dataclass(frozen=True, slots=True)
class Weakest:
    """Of a picture's scores the one that costs it the most, by what it weighs. `score` and `total` are 0-100, `share`
    is what the scorer weighs, 0-1 of all that were heard; `alone`: no other was. `threshold` is what `total` is held
    against, None where it is held against nothing. `candidate` is the picture's number, None where it is none of
    several, and `pixels` its pixel digest. `helps` is what usually raises such a score."""

    scorer: str
    score: float
    share: float
    total: float
    threshold: float | None = None
    candidate: int | None = None
    alone: bool = False
    helps: str = ""
    pixels: str = ""

    @property
    def about(self) -> str:
        """What the scorer tells of a picture, as words for people; empty for a plug-in's."""
        return ABOUT.get(self.scorer, "")

    @property
    def is_low(self) -> bool:
        """Whether the picture is below the threshold."""
        return self.threshold is not None and self.total < self.threshold

    @property
    def weighs(self) -> str:
        """`weighs 25 %`, `it alone counts`."""
        return "it alone counts" if self.alone else f"weighs {round(100 * self.share)} %"

    @property
    def held(self) -> str:
        """What the picture comes to, held against the threshold."""
        total = "" if self.alone else f"{self.total:.1f} in all"
        if self.threshold is None:
            return total
        side = "below" if self.is_low else "above" if self.total > self.threshold else "at"
        return f"{total}{', ' if total else ''}{side} the threshold of {self.threshold:g}"

    @property
    def sentence(self) -> str:
        """`held back by: clip 41.0 of 100 (how well it matches the prompt), weighs 25 %; 62.3 in all, ...`."""
        about = f" ({self.about})" if self.about else ""
        name = "score" if self.alone else "held back by"
        parts = [f"{name}: `{self.scorer}` {self.score:.1f} of 100{about}, {self.weighs}", self.held]
        return "; ".join(part for part in parts if part)


def weakest_of(scores: Mapping[str, float], weights: Mapping[str, float]) -> tuple[str, float] | None:
    """The scorer that pulls `scores`, 0-100, down the most, and what it weighs, 0-1, of those that were heard. None
    where none that weighs anything was."""
    parts = shares({name: weights[name] for name in scores if weights.get(name, 0) > 0})
    if not parts:
        return None
    scorer = max(parts, key=lambda name: parts[name] * (100 - scores[name]))
    return scorer, parts[scorer]
