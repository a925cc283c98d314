"""What scorers and identities found the pictures of a target worth: which are kept out and why, how the others rank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from calotype.actions.identities import Likenesses, likenesses_of, strangers, untold
from calotype.actions.judges import Judges, Panel
from calotype.actions.scores import Scores, said_of, scores_of
from calotype.engine.rebuild import Choice
from calotype.ground.light_dataclass import dataclass, field
from calotype.language.action import Action
from calotype.language.image import Image
from calotype.language.judging.scorer_weights import weighted_total
from calotype.language.judging.weakest import Weakest, weakest_of
from calotype.results.publish.line import LIKENESS
from calotype.store.results import Made


@dataclass(frozen=True, slots=True)
class LowScore:
    """The picture that stands scores below the threshold. `scorer` pulled it down the most; scores are 0-100."""

    total: float
    threshold: float
    scorer: str
    score: float

    def __str__(self) -> str:
        return f"scores {self.total:.1f}, below {self.threshold:g}: `{self.scorer}` pulled it down ({self.score:.1f})"


@dataclass(frozen=True, slots=True)
class Judgement:
    """All by pixel digest: `kept_out` are the pictures that must not stand, with the reason of each; `totals` what the
    others are worth, 0-100, of `scores`, each by its scorer; `likenesses` how like the characters they are. `untold`
    are pictures whose likeness nothing in them tells; `looks` are hashes of what they look like, where they are
    recorded. `panel` says who judged, and what each weighs."""

    kept_out: Mapping[str, str] = field(default_factory=dict)
    totals: Mapping[str, float] = field(default_factory=dict)
    scores: Scores = field(default_factory=dict)
    likenesses: Likenesses = field(default_factory=dict)
    untold: frozenset[str] = frozenset()
    looks: Mapping[str, str] = field(default_factory=dict)
    panel: Panel = Panel({})
    threshold: float = 0.0
    strict: bool = False

    def numbers(self, pixels: str) -> dict[str, float]:
        """What judges gave a picture, by their names, as the manifest tells it."""
        likenesses = [judged.value for judged in self.likenesses.get(pixels, {}).values() if judged.value is not None]
        return {**self.scores.get(pixels, {}), **({LIKENESS: min(likenesses)} if likenesses else {})}

    def low(self, choice: Choice | None, keys: Sequence[str], made: Mapping[str, Made]) -> LowScore | None:
        """Whether the picture that was chosen is below the threshold, and why. No person has chosen it; and where no
        scorer that was asked for is here, none is held against it."""
        if choice is None or choice.by == "human" or not self.panel.shown:
            return None
        pixels = made[keys[choice.index]].pixels
        total = self.totals.get(pixels)
        if total is None or total >= self.threshold:
            return None
        weakest = self.weakest(pixels)
        return None if weakest is None else LowScore(total, self.threshold, weakest.scorer, weakest.score)

    def weakest(self, pixels: str) -> Weakest | None:
        """The score that pulls a picture down the most; None where it was not judged, or no score weighs anything."""
        total, scores = self.totals.get(pixels), self.scores.get(pixels, {})
        lowest = weakest_of(scores, self.panel.weights)
        if total is None or lowest is None:
            return None
        scorer, share = lowest
        return Weakest(scorer, scores[scorer], share, total, self.threshold if self.panel.shown else None,
                       alone=share == 1, pixels=pixels)

    def fails(self, choice: Choice | None, keys: Sequence[str], made: Mapping[str, Made]) -> bool:
        """Whether the picture that was chosen is too low to be published."""
        return self.strict and self.low(choice, keys, made) is not None


UNJUDGED = Judgement()


def judgement_of(image: Image, used: Iterable[tuple[Action, Made]], judges: Judges) -> Judgement:
    """What is known of the pictures of an image, of what planning has `used` so far."""
    judging = [(action, made) for action, made in used if action.kind in ("score", "identity")]
    if not judging:
        return UNJUDGED
    panel, said, likenesses = judges.of(image), said_of(judging), likenesses_of(image, judging)
    scores, first = scores_of(said), said[::-1]  # of several scorers that say something, the first counts
    reasons = {pixels: judged.reason for pixels, _, judged in first if judged.reason}
    looks = {pixels: judged.look for pixels, _, judged in first if judged.look}
    each = ((pixels, weighted_total(of_picture, panel.weights)) for pixels, of_picture in scores.items())
    return Judgement(
        kept_out=reasons | dict(strangers(image, likenesses)),
        totals={pixels: total for pixels, total in each if total is not None}, scores=scores, likenesses=likenesses,
        untold=frozenset(untold(likenesses)), looks=looks, panel=panel,
        threshold=float(image.scoring["threshold"]), strict=bool(image.scoring["strict"]))
