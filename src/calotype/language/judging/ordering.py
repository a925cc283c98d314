"""Who orders the candidates of an image, in numbers and in a sentence. Must not know how any of them scores."""

from __future__ import annotations

from collections.abc import Mapping

from calotype.ground.light_dataclass import dataclass, field
from calotype.language.judging.scorer_weights import MODEL_WEIGHTS


@dataclass(frozen=True, slots=True)
class Ordering:
    """`weights` are those of the scorers that order, as shares that add up to 1; `absent` says of each scorer that was
    asked for and is not here why. `plain`: none of those that were asked for is here. `unheld`: no picture is
    held against the threshold that calotype.yaml writes."""

    weights: Mapping[str, float] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    plain: bool = False
    unheld: bool = False

    @property
    def who(self) -> str:
        """`ordered by clip 0.71, aesthetic 0.29`, without those that are not here."""
        return f"{self._orders}, and `threshold` warns of nothing" if self.unheld else self._orders

    @property
    def _orders(self) -> str:
        if not self.plain:
            return f"ordered by {self._shares}" if self.weights else "ordered by nothing: no scorer is here"
        words = ("no scorer that reads the words is here" if self.absent.keys() <= MODEL_WEIGHTS.keys()
                 else "no scorer that calotype.yaml weighs is here")
        *others, last = list(self.weights) or ["the seed"]
        return f"{words}: {', '.join(others)} and {last} alone order" if others else f"{words}: {last} alone orders"

    @property
    def sentence(self) -> str:
        """`ordered by clip 0.71, aesthetic 0.29; not here: pick (...), vqa (...)`."""
        absent = ", ".join(f"{name} ({why})" for name, why in self.absent.items())
        return f"{self.who}; not here: {absent}" if absent else self.who

    @property
    def _shares(self) -> str:
        if len(self.weights) == 1:
            return next(iter(self.weights))
        return ", ".join(f"{name} {share:.2f}" for name, share in self.weights.items())
