"""How alike two scorers order the candidates of a target."""

from __future__ import annotations

import math

import numpy as np

from calotype.queries.judge.choice_sets import Counts, Flags, Numbers, ScoreTable


def spearman(table: ScoreTable, scorer: str, other: str) -> float:
    """Spearman's rho within targets, -1..1: the correlation of the ranks that both give the candidates of each target,
    less their mean there, pooled over all targets. NaN where one of them tells no candidates apart.

    Ranks of equal scores are averaged; candidates that lack one of the two scores are left out. With one target it is
    Spearman's rho as he wrote it ("The proof and measurement of association between two things", Am. J. Psychol. 15,
    1904). Differences between targets do not count: some prompts score high whoever draws them.
    """
    first, second = table.column(scorer), table.column(other)
    both = ~(np.isnan(first) | np.isnan(second))
    sets = table.sets[both]
    a, b = (_centred(average_ranks(values[both], sets), sets) for values in (first, second))
    spread = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
    return float((a * b).sum()) / spread if spread else math.nan


def average_ranks(values: Numbers, sets: Counts) -> Numbers:
    """The rank of each value within its set, from 1 for the least; equal ones share the mean of their ranks. `sets` are
    in ascending order."""
    if not len(values):
        return np.zeros(0)
    order = np.lexsort((values, sets))
    opens: Flags = np.ones(len(order), dtype=np.bool_)
    opens[1:] = (np.diff(values[order]) != 0) | (np.diff(sets[order]) != 0)
    firsts = np.flatnonzero(opens)
    lasts = np.append(firsts[1:], len(order)) - 1
    run = np.cumsum(opens) - 1
    before = np.searchsorted(sets, sets[order], side="left")
    ranks = np.empty(len(order))
    ranks[order] = (firsts + lasts)[run] / 2 - before + 1
    return ranks


def _centred(ranks: Numbers, sets: Counts) -> Numbers:
    """`ranks` less their mean within each set."""
    if not len(ranks):
        return ranks
    count = np.bincount(sets)
    mean = np.bincount(sets, ranks) / np.maximum(count, 1)
    centred: Numbers = ranks - mean[sets]
    return centred
