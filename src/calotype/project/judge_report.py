"""How good the scorers of a project are, held against what people chose: plain values for every caller."""

from __future__ import annotations

from collections.abc import Mapping

from calotype.ground.diagnostics import Diagnostic
from calotype.ground.light_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ScorerAgreement:
    """How often a scorer had first what a human chose. `weight` is its share of the sum, 0-1, None where that differs
    from renderer to renderer. Of `picks` human choices
    that it can be held against, `first` is the share (0-1) that it had first (a tie among t counts 1/t), `low` and
    `high` its 95 % interval, `chance` the share that drawing lots would have, `luck` the probability that drawing lots
    does as well or better. All are None where `picks` is 0."""

    scorer: str
    weight: float | None
    picks: int
    first: float | None
    low: float | None
    high: float | None
    chance: float | None
    luck: float | None


@dataclass(frozen=True, slots=True)
class ScorerPair:
    """Spearman's rank correlation of two scorers within targets, -1..1; None where one tells no candidates apart."""

    scorer: str
    other: str
    rho: float | None


@dataclass(frozen=True, slots=True)
class FittedWeights:
    """Weights fitted to the human choices, which sum to 1. `first` is the share of choices that they had first where
    each was left out of the fit, `present` that of the weights in use; they were right where those were wrong in
    `better` targets, wrong where those were right in `worse`, and `luck` is the probability of that or better among
    equals. `suggested` says that this is no luck."""

    weights: Mapping[str, float]
    first: float
    present: float
    better: int
    worse: int
    luck: float
    suggested: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A target that a human decided and that says nothing of scorers, and why."""

    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class JudgeFigures:
    """What scores alone tell of scorers."""

    candidates: float
    """How many there were to choose from, on average."""
    scorers: tuple[ScorerAgreement, ...]
    total: ScorerAgreement
    """The weighted sum that orders candidates."""
    pairs: tuple[ScorerPair, ...]
    needed: int
    """How many choices tell a judge from chance."""
    needed_to_fit: int
    """How many it takes to fit weights: with fewer, `fitted` is None."""
    fitted: FittedWeights | None


@dataclass(frozen=True, slots=True)
class JudgeReport(JudgeFigures):
    """The judge judged: the figures, and what they are of. `picks` and `approvals` are the human choices counted.
    `change` is a diff of calotype.yaml, empty unless the fitted weights are suggested. `scored` counts the scores
    performed for it, `absent` the candidates whose bytes are gone, by target. `not_here` says of each scorer that a
    build would ask, and that is not on this machine, why."""

    picks: int
    approvals: int
    change: str
    scored: int
    absent: Mapping[str, int]
    not_here: Mapping[str, str]
    left_out: tuple[LeftOut, ...]
    diagnostics: tuple[Diagnostic, ...]
