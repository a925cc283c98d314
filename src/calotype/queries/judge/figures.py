"""All figures about the scorers of a set of choices, from the scores alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

from calotype.ground.light_dataclass import replace
from calotype.project.judge_report import FittedWeights, JudgeFigures, ScorerAgreement, ScorerPair
from calotype.queries.judge.agreement import agreement, firsts
from calotype.queries.judge.choice_sets import ChoiceSet, Numbers, ScoreTable, score_table, totals
from calotype.queries.judge.fitted_weights import fitted_weights, in_hundredths
from calotype.queries.judge.picks_needed import picks_to_fit, picks_to_tell
from calotype.queries.judge.rank_correlation import spearman

TOTAL = "the sum"
FEWEST_WEIGHTS = 2
"""With one scorer there is nothing to weigh."""


def figures(sets: Sequence[ChoiceSet], chance: float) -> JudgeFigures:
    """What the `sets` say. `chance` is that of the choices to come: it tells how many are needed while there are none.
    Nothing is fitted to fewer than it takes."""
    scorers = _scorers(sets)
    if not scorers:
        nothing = ScorerAgreement(TOTAL, 1.0, 0, None, None, None, None, None)
        return JudgeFigures(0.0, (), nothing, (), picks_to_tell(chance), picks_to_fit(chance, FEWEST_WEIGHTS), None)
    table = score_table(sets, scorers)
    sizes = [choice_set.size for choice_set in sets]
    chance = sum(1 / size for size in sizes) / len(sizes)
    needed_to_fit = picks_to_fit(chance, max(len(scorers), FEWEST_WEIGHTS))
    shares = _shares(table)
    rows = (_row(table, scorer, share, table.column(scorer)) for scorer, share in zip(scorers, shares, strict=True))
    pairs = (ScorerPair(scorer, other, _number(spearman(table, scorer, other)))
             for scorer, other in combinations(scorers, 2))
    return JudgeFigures(
        sum(sizes) / len(sizes), tuple(rows), _row(table, TOTAL, 1.0, totals(table, table.weights)), tuple(pairs),
        picks_to_tell(chance), needed_to_fit, _fitted(table, shares) if len(sets) >= needed_to_fit else None)


def _scorers(sets: Sequence[ChoiceSet]) -> list[str]:
    """Those that said something, by their weight, the greatest first."""
    weight: dict[str, float] = {}
    for choice_set in sets:
        for scorer in choice_set.scores:
            weight[scorer] = max(weight.get(scorer, 0.0), choice_set.weights.get(scorer, 0.0))
    return sorted(weight, key=lambda scorer: (-weight[scorer], scorer))


def _shares(table: ScoreTable) -> list[float | None]:
    """The share that each scorer has of the sum, over those that said something; None where it differs from target to
    target, as it does with the renderer."""
    sums = table.weights.sum(axis=1, keepdims=True)
    shares = table.weights / sums.clip(min=1e-12)
    return [float(column[0]) if (column == column[0]).all() else None for column in shares.T]


def _row(table: ScoreTable, name: str, weight: float | None, values: Numbers) -> ScorerAgreement:
    of = agreement(firsts(table, values))
    return ScorerAgreement(name, weight, of.sets, *map(_number, (of.rate, of.low, of.high, of.chance, of.luck)))


def _fitted(table: ScoreTable, shares: Sequence[float | None]) -> FittedWeights | None:
    """The fitted weights; not suggested where they are those in use."""
    if len(table.scorers) < FEWEST_WEIGHTS:
        return None
    fitted = fitted_weights(table)
    if fitted is None or None in shares:
        return fitted
    in_use = in_hundredths({scorer: share or 0.0 for scorer, share in zip(table.scorers, shares, strict=True)})
    return replace(fitted, suggested=fitted.suggested and fitted.weights != in_use)


def _number(value: float) -> float | None:
    """JSON knows no NaN."""
    return None if math.isnan(value) else value
