"""Weights fitted to human choices, and whether they would have served better than those in use, out of sample."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calotype.project.judge_report import FittedWeights
from calotype.queries.judge.agreement import firsts, sign_test
from calotype.queries.judge.choice_sets import Counts, Numbers, ScoreTable, totals
from calotype.queries.judge.conditional_logit import Design, design, fit, left_out, weights_of

LEVEL = 0.05
"""Fitted weights are suggested where equals would do so much better less often than this."""
PARTS = 100
"""Weights are told in hundredths."""


def fitted_weights(table: ScoreTable) -> FittedWeights | None:
    """The fit to all choice sets, held against the weights in use on choices that it did not see: each is left out in
    turn (up to 200 sets; of more, a twentieth at a time). None where no scorer helps.

    The two are compared target by target: only those count in which they differ. Weights that no test tells from those
    in use are not suggested, however well they do on the choices they were fitted to.
    """
    of = design(table)
    everything = np.ones(len(table.starts))
    b = fit(of, everything)
    weights = in_hundredths(dict(zip(table.scorers, weights_of(of, b), strict=True)))
    if not weights:
        return None
    unseen, in_use = _hits_unseen(of, b), hits_by_set(table, totals(table, table.weights))
    better, worse = int((unseen > in_use).sum()), int((unseen < in_use).sum())
    luck = sign_test(better, worse)
    return FittedWeights(weights, float(unseen.mean()), float(in_use.mean()), better, worse, luck, luck <= LEVEL)


def hits_by_set(table: ScoreTable, values: Numbers) -> Numbers:
    """The share of the human's choice in the first place of each set; where `values` order nothing, that of a lot."""
    sizes = table.per_set(np.ones(len(table.sets)))
    hits: Numbers = 1 / sizes
    judged = firsts(table, values)
    hits[judged.sets] = judged.hits
    return hits


def _hits_unseen(of: Design, b: Numbers) -> Numbers:
    """The hits in each set of weights that were fitted without it."""
    table = of.table
    groups: Counts = left_out(len(table.starts))
    hits = np.zeros(len(groups))
    for group in range(int(groups.max()) + 1):
        fold = groups == group
        weights = weights_of(of, fit(of, (~fold).astype(np.float64), b))
        hits[fold] = hits_by_set(table, totals(table, weights))[fold]
    return hits


def in_hundredths(weights: Mapping[str, float]) -> dict[str, float]:
    """`weights`, which sum to 1, in hundredths that do: those with the largest remainders are rounded up. Empty where
    all are 0."""
    if not any(weights.values()):
        return {}
    parts = {name: int(weight * PARTS) for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: parts[name] - weights[name] * PARTS)
    for name in by_remainder[: PARTS - sum(parts.values())]:
        parts[name] += 1
    return {name: part / PARTS for name, part in parts.items()}
