"""Proportions are measured as the page of identity says: by lengths that are there, in logarithms, pair by pair."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest

from conftest import REPOSITORY

sys.path.append(str(REPOSITORY / "benchmarks"))
from proportions import height, ratios, shaken, told_apart

FIGURE = {"left_shoulder": (0.0, 0.0), "right_shoulder": (40.0, 0.0), "left_hip": (10.0, 60.0), "right_hip": (30.0, 60.0),
          "left_knee": (10.0, 110.0), "left_ankle": (10.0, 150.0), "left_elbow": (0.0, 1.0)}


def test_a_ratio_is_told_of_lengths_that_are_there_and_seen() -> None:
    told = ratios(FIGURE)
    assert told["shoulders", "hips"] == pytest.approx(math.log(2))
    assert told["thigh", "shank"] == pytest.approx(math.log(50 / 40))
    assert ("upper arm", "forearm") not in told and ("upper arm", "thigh") not in told


def test_noise_goes_by_the_height_of_the_figure() -> None:
    assert height(FIGURE) == pytest.approx((math.hypot(10, 60) + 50 + 40) / 0.8)
    assert shaken(FIGURE, 0.0, np.random.default_rng(1)) == FIGURE


def test_figures_are_told_apart_where_each_is_more_like_itself() -> None:
    these, those = ([{"a": value + step} for step in (0.0, 0.1, 0.2)] for value in (1.0, 5.0))
    assert told_apart(these, those, 1) == 1.0
    assert told_apart(these, these, 1) == 0.5
