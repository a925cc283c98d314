"""How often an order of candidates has the human's choice first, against chance. Rates, intervals, exact tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from calotype.queries.judge.choice_sets import Counts, Numbers, ScoreTable

Z95 = 1.959963984540054
"""The normal quantile of 97.5 %: a two-sided interval of 95 %."""
GRID = 60
"""A tie for first place among t counts as 1/t, in steps of 1/60: exact for up to six, rounded for more."""


@dataclass(frozen=True)
class Firsts:
    """Which sets an order can be judged by (`sets`, their numbers), and in each: the share of the human's choice in the
    first place (`hits`: 1, or 1/t where t candidates share the place, or 0), how many share it (`tied`), among how many
    candidates (`sizes`)."""

    sets: Counts
    hits: Numbers
    tied: Counts
    sizes: Counts


@dataclass(frozen=True)
class Agreement:
    """How often the human's choice came first in `sets` choice sets. `rate` and `chance` are shares 0-1; `low` and
    `high` bound the rate with 95 % confidence; `luck` is the probability that an order drawn by lot would do as well or
    better. Without sets all are NaN."""

    sets: int
    rate: float
    chance: float
    low: float
    high: float
    luck: float


def firsts(table: ScoreTable, values: Numbers) -> Firsts:
    """What is first by `values` (one a row, NaN: absent). A set counts where its choice has a value, and so has another
    candidate; those without one are left out of it."""
    present = ~np.isnan(values)
    sizes = np.add.reduceat(present.astype(np.intp), table.starts)
    best = np.maximum.reduceat(np.where(present, values, -np.inf), table.starts)
    leading = present & (values == best[table.sets])
    tied = np.add.reduceat(leading.astype(np.intp), table.starts)
    counts = present[table.chosen] & (sizes >= 2)
    hits = leading[table.chosen] / np.maximum(tied, 1)
    return Firsts(np.flatnonzero(counts), hits[counts], tied[counts], sizes[counts])


def agreement(of: Firsts) -> Agreement:
    """The rate with its interval, the chance (the mean of 1/n), and the test against it."""
    count = len(of.sets)
    if not count:
        return Agreement(0, *[math.nan] * 5)
    rate = float(of.hits.mean())
    return Agreement(count, rate, float((1 / of.sizes).mean()), *wilson(rate, count), luck(of))


def wilson(rate: float, count: int, z: float = Z95) -> tuple[float, float]:
    """The score interval of a proportion: (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).

    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927. Halves of ties spread
    less than whole hits do, and sets differ in size: it is then wider than need be.
    """
    centre = rate + z * z / (2 * count)
    spread = z * math.sqrt(rate * (1 - rate) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def luck(of: Firsts) -> float:
    """P(H >= h): h is the sum of hits, H that of a human who picks by lot, so that a set of n candidates with t in the
    first place gives 1/t with probability t/n, else 0. One-sided, and exact.

    H is Poisson-binomial (Wang, "On the number of successes in independent trials", Statistica Sinica 3, 1993), with
    steps of 1/t. Its distribution is the inverse discrete Fourier transform of the product of the characteristic
    functions (Hong, "On computing the distribution function for the Poisson binomial distribution", CSDA 59, 2013).
    Sets in which all candidates are equal tell nothing, and do not count.
    """
    telling = of.tied < of.sizes
    if not telling.any():
        return 1.0
    tied, sizes, won = of.tied[telling], of.sizes[telling], of.hits[telling] > 0
    steps = np.maximum(np.round(GRID / tied).astype(np.intp), 1)
    steps //= np.gcd.reduce(steps)
    observed, most = int(steps[won].sum()), int(steps.sum())
    kinds, counts = np.unique(np.stack((steps, tied, sizes)), axis=1, return_counts=True)
    turn = np.exp(-2j * np.pi * np.arange((most + 1) // 2 + 1) / (most + 1))
    spectrum = np.ones_like(turn)
    for (step, first, size), count in zip(kinds.T, counts, strict=True):
        spectrum *= (1 - first / size + first / size * turn**step) ** int(count)
    chances: Numbers = np.fft.irfft(spectrum, most + 1)
    return min(1.0, max(0.0, float(chances[observed:].sum())))


def sign_test(wins: int, losses: int) -> float:
    """The probability that at least `wins` of wins + losses fair coins fall so: one-sided, exact; 1 without any.

    On pairs that differ it is McNemar's test (McNemar, Psychometrika 12, 1947).
    """
    count = wins + losses
    if not count:
        return 1.0
    return float(sum(math.comb(count, number) for number in range(wins, count + 1)) / 2**count)
