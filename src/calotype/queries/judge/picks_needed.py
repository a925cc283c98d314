"""How many human picks it takes to tell a judge from chance, and to fit weights."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

LEVEL, POWER = 0.05, 0.8
"""A judge that is worth nothing passes with LEVEL at most; one that is worth the assumed effect with POWER at least."""
ODDS = 3.0
"""The assumed effect: the odds that the human's choice comes first are three times those of chance. Of four candidates
that is 1 in 2 instead of 1 in 4; of two, 3 in 4 instead of 1 in 2."""
PER_WEIGHT = 10
"""At least so many picks for each weight that is fitted: Peduzzi et al., "A simulation study of the number of events
per variable in logistic regression analysis", J. Clin. Epidemiol. 49, 1996."""
MOST = 20_000


def assumed_rate(chance: float, odds: float = ODDS) -> float:
    """The rate whose odds are `odds` times those of `chance` (0-1)."""
    return odds * chance / (1 - chance + odds * chance)


@lru_cache
def picks_to_tell(chance: float, level: float = LEVEL, power: float = POWER, odds: float = ODDS) -> int:
    """The least number of picks with which a one-sided exact binomial test of `level` finds a judge of the assumed rate
    better than `chance` (0-1, exclusive) with a probability of `power`.

    With N picks the test asks for c hits, the least number with P(Bin(N, chance) >= c) <= level; its power is
    P(Bin(N, assumed rate) >= c). Sets of several sizes are taken for sets of the mean chance: a Poisson-binomial number
    spreads less (Hoeffding, Ann. Math. Stat. 27, 1956).
    """
    rates = (chance, assumed_rate(chance, odds))
    by_chance, by_effect = np.ones(1), np.ones(1)
    for picks in range(1, MOST):
        by_chance, by_effect = (
            np.append(pmf * (1 - rate), 0) + np.append(0, pmf * rate)
            for pmf, rate in zip((by_chance, by_effect), rates, strict=True))
        asked_for = int((by_chance[::-1].cumsum()[::-1] > level).sum())
        if by_effect[asked_for:].sum() >= power:
            return picks
    return MOST


def picks_to_fit(chance: float, weights: int) -> int:
    """The least number of picks to fit so many weights by."""
    return max(picks_to_tell(chance), PER_WEIGHT * weights)
