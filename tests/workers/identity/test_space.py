"""Rows of numbers compared: also where references have nothing in common."""

from __future__ import annotations

import numpy as np

from calotype.workers.identity.space import Cosines, scored, similarity


def test_the_mean_of_opposites_is_like_none() -> None:
    space = Cosines()
    rows = space.normal([[1.0, 0.0]])
    opposites = np.concatenate([rows, -rows])
    assert similarity(space, rows, opposites, "mean") == 0.0
    assert scored(0, space, rows, opposites, "mean").total == 0.0
    assert similarity(space, rows, opposites, "best") == 1.0
