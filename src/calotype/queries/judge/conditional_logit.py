"""Weights that make the choices of a human the most likely: a conditional logit, with no weight below zero.

The probability that candidate j of a set is chosen is exp(b x_j) / sum_k exp(b x_k): McFadden, "Conditional logit
analysis of qualitative choice behavior", Frontiers in Econometrics, 1974. What is fitted is the least of

    - sum of log P(chosen) + PENALTY / 2 * |b|^2,   b >= 0

where x are the scores, less their mean within the set, in units of their spread within sets. The penalty is a normal
prior of spread 1 on each b, so that a perfect scorer has a finite weight and a few picks move little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calotype.queries.judge.choice_sets import Counts, Numbers, ScoreTable

PENALTY = 1.0
STEPS, HALVINGS, ENOUGH, ARMIJO = 100, 40, 1e-9, 1e-4


@dataclass(frozen=True)
class Design:
    """What is fitted to: `scores` (rows x scorers) centred within sets and scaled by `spread`, which is 0 for a scorer
    that tells no candidates apart. A score that is absent is 0 here, and speaks neither for nor against."""

    table: ScoreTable
    scores: Numbers
    spread: Numbers


def design(table: ScoreTable) -> Design:
    present = ~np.isnan(table.values)
    values = np.where(present, table.values, 0.0)
    count = np.maximum(table.per_set(present.astype(np.float64)), 1)
    centred = np.where(present, values - (table.per_set(values) / count)[table.sets], 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / np.maximum(present.sum(axis=0), 1))
    spread[spread < 1e-9] = 0.0
    return Design(table, np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0), spread)


def fit(of: Design, counts: Numbers, start: Numbers | None = None) -> Numbers:
    """The coefficients b (scorers), each >= 0. `counts` says how often each set counts: 0 leaves it out.

    A projected Newton method (Bertsekas, "Projected Newton methods for optimization problems with simple constraints",
    SIAM J. Control Optim. 20, 1982); the loss is convex, so there is one minimum.
    """
    b = np.zeros(of.scores.shape[1]) if start is None else start
    here = _at(of, counts, b)
    for _ in range(STEPS):
        free = (b > 0) | (here.gradient < 0)
        if not free.any():
            break
        step = np.zeros_like(b)
        step[free] = -np.linalg.solve(here.curvature[np.ix_(free, free)], here.gradient[free])
        moved, there = _along(of, counts, b, here, step)
        gained, b, here = here.loss - there.loss, moved, there
        if gained < ENOUGH:
            break
    return b


@dataclass(frozen=True)
class _Loss:
    """The loss at a point, its gradient and its matrix of second derivatives."""

    loss: float
    gradient: Numbers
    curvature: Numbers


def _along(of: Design, counts: Numbers, b: Numbers, here: _Loss, step: Numbers) -> tuple[Numbers, _Loss]:
    """The first point on the way, halved each time and kept from below zero, that is lower by enough; where none is, b
    itself."""
    for halving in range(HALVINGS):
        moved = np.maximum(b + step / 2**halving, 0.0)
        slope = float(here.gradient @ (moved - b))
        if slope > -ENOUGH:
            break
        there = _at(of, counts, moved)
        if there.loss <= here.loss + ARMIJO * slope:
            return moved, there
    return b, here


def _at(of: Design, counts: Numbers, b: Numbers) -> _Loss:
    table, scores = of.table, of.scores
    utility = scores @ b
    highest = np.maximum.reduceat(utility, table.starts)
    shares = np.exp(utility - highest[table.sets])
    sums = table.per_set(shares)
    logs = np.log(sums) + highest - utility[table.chosen]
    weighted = shares * (counts / sums)[table.sets]
    means = table.per_set(scores * (shares / sums[table.sets])[:, None])
    gradient = ((means - scores[table.chosen]) * counts[:, None]).sum(axis=0) + PENALTY * b
    curvature = (scores * weighted[:, None]).T @ scores - (means * counts[:, None]).T @ means
    loss = float(counts @ logs + PENALTY / 2 * (b @ b))
    return _Loss(loss, gradient, curvature + PENALTY * np.eye(len(b)))


def weights_of(of: Design, b: Numbers) -> Numbers:
    """The weights of the scores as they are, which sum to 1; all 0 where no scorer helps."""
    weights = np.divide(b, of.spread, out=np.zeros_like(b), where=of.spread > 0)
    total = float(weights.sum())
    return weights / total if total > 0 else weights


def left_out(sets: int, singly: int = 200, groups: int = 20) -> Counts:
    """The number of the group that each of `sets` is left out with: each by itself up to `singly`, then in `groups`."""
    return np.arange(sets, dtype=np.intp) % (sets if sets <= singly else groups)
