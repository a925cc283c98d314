"""What a human chose among, as one table of numbers. It must not know projects, files or scorers.

A *choice set* is McFadden's word for the alternatives of which one was chosen: the candidates of one target.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
    of the human's choice. Rejected candidates are among them: a human preferred the choice to those as well."""

    target: str
    scores: Mapping[str, Sequence[float | None]]
    chosen: int

    @property
    def size(self) -> int:
        return len(next(iter(self.scores.values()), ()))


@dataclass(frozen=True)
class ScoreTable:
    """All candidates of all choice sets, one a row, those of one set beside each other.

    `values` (rows x scorers) is NaN where a score is absent. `sets` numbers the set of each row, `starts` is the first
    row of each set, `chosen` the row of its choice.
    """

    scorers: tuple[str, ...]
    values: Numbers
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


def score_table(choice_sets: Iterable[ChoiceSet], scorers: Sequence[str]) -> ScoreTable:
    """The table of `choice_sets`, of which each has a candidate, with a column for each of `scorers`."""
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
        rows += [[np.nan if column[at] is None else float(column[at] or 0) for column in columns] for at in range(size)]
    values = np.array(rows, dtype=np.float64).reshape(len(rows), len(scorers))
    return ScoreTable(tuple(scorers), values, *(np.array(each, dtype=np.intp) for each in (sets, starts, chosen)))


def totals(table: ScoreTable, weights: Mapping[str, float]) -> Numbers:
    """The weighted mean of the scores of each row, over those scorers that it has a score of; NaN where none has
    weight. Rows with equal scores get equal totals."""
    total, weight = np.zeros(len(table.values)), np.zeros(len(table.values))
    for scorer in table.scorers:
        if weights.get(scorer, 0) > 0:
            values = table.column(scorer)
            present = ~np.isnan(values)
            total[present] += weights[scorer] * values[present]
            weight[present] += weights[scorer]
    means = np.full_like(total, np.nan)
    np.divide(total, weight, out=means, where=weight > 0)
    return np.round(means, DIGITS)
