"""What a human chose among, as one table of numbers. It must not know projects, files or scorers.

A *choice set* is McFadden's word for the alternatives of which one was chosen: the candidates of one target.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Counts = NDArray[np.intp]
Flags = NDArray[np.bool_]

DIGITS = 9
"""Sums of scores that differ only beyond this decimal are equal."""


@dataclass(frozen=True)
class ChoiceSet:
    """The candidates of one target: by scorer the score of each (0-100), None where it has none; `chosen` is the index
    of the human's choice. `weights` are those by which they are ordered now, of any sum. Rejected candidates are among
    them: a human preferred the choice to those as well."""

    target: str
    scores: Mapping[str, Sequence[float | None]]
    chosen: int
    weights: Mapping[str, float] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(next(iter(self.scores.values()), ()))


@dataclass(frozen=True)
class ScoreTable:
    """All candidates of all choice sets, one a row, those of one set beside each other.

    `values` (rows x scorers) is NaN where a score is absent. `sets` numbers the set of each row, `starts` is the first
    row of each set, `chosen` the row of its choice. `weights` (sets x scorers) are those in use.
    """

    scorers: tuple[str, ...]
    values: Numbers
    weights: Numbers
    sets: Counts
    starts: Counts
    chosen: Counts

    def column(self, scorer: str) -> Numbers:
        values: Numbers = self.values[:, self.scorers.index(scorer)]
        return values

    def per_set(self, rows: Numbers) -> Numbers:
        """The sum of `rows` within each set."""
        sums: Numbers = np.add.reduceat(rows, self.starts, axis=0)
        return sums


def score_table(choice_sets: Sequence[ChoiceSet], scorers: Sequence[str]) -> ScoreTable:
    """The table of `choice_sets`, of which each has a candidate, with a column for each of `scorers`: one at least."""
    rows: list[list[float]] = []
    sets: list[int] = []
    starts: list[int] = []
    chosen: list[int] = []
    for number, choice_set in enumerate(choice_sets):
        size = choice_set.size
        columns = [choice_set.scores.get(scorer) or (None,) * size for scorer in scorers]
        starts.append(len(rows))
        chosen.append(len(rows) + choice_set.chosen)
        sets += [number] * size
        rows += [[math.nan if score is None else score for score in scores] for scores in zip(*columns, strict=True)]
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(scorers))
    weights = np.array([[choice_set.weights.get(scorer, 0.0) for scorer in scorers] for choice_set in choice_sets],
                       dtype=np.float64).reshape(len(starts), len(scorers))
    numbers = (np.array(each, dtype=np.intp) for each in (sets, starts, chosen))
    return ScoreTable(tuple(scorers), values, weights, *numbers)


def totals(table: ScoreTable, weights: Numbers) -> Numbers:
    """The weighted mean of the scores of each row, over those scorers that it has a score of; NaN where none has
    weight. `weights` (scorers, or sets x scorers) are of any sum. Rows with equal scores get equal totals."""
    total, weight = np.zeros(len(table.values)), np.zeros(len(table.values))
    of_rows = np.broadcast_to(weights, table.weights.shape)[table.sets]
    for column in range(len(table.scorers)):
        values, each = table.values[:, column], of_rows[:, column]
        counts = ~np.isnan(values) & (each > 0)
        total[counts] += each[counts] * values[counts]
        weight[counts] += each[counts]
    means = np.full_like(total, np.nan)
    np.divide(total, weight, out=means, where=weight > 0)
    return np.round(means, DIGITS)
