"""Weights fitted to choices: the least of the loss, no weight below zero, and suggested only where they serve better."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calotype.queries.judge.agreement import agreement, firsts
from calotype.queries.judge.choice_sets import ChoiceSet, Numbers, ScoreTable, score_table, totals
from calotype.queries.judge.conditional_logit import PENALTY, Design, design, fit, weights_of
from calotype.queries.judge.fitted_weights import fitted_weights, in_hundredths
from calotype.queries.judge.rank_correlation import average_ranks, spearman

Draw = np.random.Generator


def choices(count: int, draw: Draw, *, noise: int = 1, right: float = 5.0, size: int = 4) -> list[ChoiceSet]:
    """A human who chooses the best of each set, a scorer that sees what they see within `right`, and scorers of noise."""
    sets = []
    for number in range(count):
        quality = draw.normal(50, 10, size)
        scores = {"right": (quality + draw.normal(0, right, size)).tolist()}
        scores |= {f"noise{at}": draw.normal(50, 10, size).tolist() for at in range(noise)}
        sets.append(ChoiceSet(f"t{number}", scores, int(quality.argmax())))
    return sets


def table_of(sets: list[ChoiceSet], **weights: float) -> ScoreTable:
    return score_table([replace(each, weights=weights) for each in sets], list(sets[0].scores))


def loss_by_hand(sets: list[ChoiceSet], of: Design, b: Numbers) -> float:
    """The penalised loss, one candidate after the other."""
    loss, row = PENALTY / 2 * sum(each * each for each in b), 0
    for choice_set in sets:
        utilities = [sum(x * w for x, w in zip(of.scores[row + at], b, strict=True)) for at in range(choice_set.size)]
        loss += math.log(sum(math.exp(each - utilities[choice_set.chosen]) for each in utilities))
        row += choice_set.size
    return float(loss)


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(0, 3), st.booleans())
@settings(deadline=None, max_examples=60)
def test_no_point_nearby_or_anywhere_is_better_than_the_fit(seed: int, count: int, noise: int, gaps: bool) -> None:
    draw = np.random.default_rng(seed)
    sets = choices(count, draw, noise=noise)
    if gaps:
        sets = [ChoiceSet(each.target, {name: [value if draw.random() < 0.7 else None for value in values]
                                        for name, values in each.scores.items()}, each.chosen) for each in sets]
    of = design(table_of(sets))
    b = fit(of, np.ones(count))
    least = loss_by_hand(sets, of, b)
    assert (b >= 0).all()
    for _ in range(30):
        near, far = np.maximum(b + draw.normal(0, 0.02, len(b)), 0), np.abs(draw.normal(0, 2, len(b)))
        assert min(loss_by_hand(sets, of, near), loss_by_hand(sets, of, far)) >= least - 1e-6


def test_with_one_scorer_the_fit_is_where_the_loss_has_no_slope() -> None:
    sets = choices(9, np.random.default_rng(3), noise=0)
    of = design(table_of(sets))
    [b] = fit(of, np.ones(9))
    values = [loss_by_hand(sets, of, np.array([b + step])) for step in (-1e-4, 0, 1e-4)]
    assert b > 0 and values[1] == min(values) and (values[2] - values[0]) / 2e-4 == pytest.approx(0, abs=1e-4)


def test_a_scorer_that_is_always_wrong_gets_no_weight_and_no_negative_one() -> None:
    sets = [ChoiceSet("t", {"wrong": [10, 20, 30]}, 0)] * 30
    of = design(table_of(sets))
    assert fit(of, np.ones(30)).tolist() == [0] and weights_of(of, np.zeros(1)).tolist() == [0]
    assert fitted_weights(table_of(sets, wrong=1)) is None


def test_weights_are_of_the_scores_as_they_are() -> None:
    """A scorer that spreads a tenth as far and tells as much gets ten times the weight."""
    sets = choices(80, np.random.default_rng(4), noise=0)
    sets = [ChoiceSet(each.target, {"wide": each.scores["right"], "narrow": [(value or 0) / 10 for value in each.scores["right"]]},
                      each.chosen) for each in sets]
    of = design(table_of(sets))
    wide, narrow = weights_of(of, fit(of, np.ones(80)))
    assert narrow == pytest.approx(10 * wide) and wide + narrow == pytest.approx(1)


def test_equal_scores_leave_a_scorer_without_weight() -> None:
    sets = [ChoiceSet(each.target, {**each.scores, "flat": [50.0] * 4}, each.chosen) for each in choices(60, np.random.default_rng(5))]
    fitted = fitted_weights(table_of(sets, right=1, noise0=1, flat=1))
    assert fitted is not None and fitted.weights["flat"] == 0


def test_the_right_scorer_is_preferred_to_noise_and_suggested() -> None:
    sets = choices(80, np.random.default_rng(6))
    fitted = fitted_weights(table_of(sets, right=0.2, noise0=0.8))
    assert fitted is not None and fitted.suggested and fitted.weights["right"] > 0.8
    assert fitted.first > fitted.present and fitted.better > fitted.worse and fitted.luck < 0.01


def test_weights_that_are_as_good_already_are_left_alone() -> None:
    sets = choices(80, np.random.default_rng(6))
    fitted = fitted_weights(table_of(sets, right=1))
    assert fitted is not None and not fitted.suggested


def test_what_is_fitted_to_noise_is_seldom_suggested() -> None:
    suggested = 0
    for seed in range(40):
        draw = np.random.default_rng(seed)
        sets = [ChoiceSet(each.target, each.scores, int(draw.integers(4))) for each in choices(60, draw, noise=3)]
        fitted = fitted_weights(table_of(sets, **dict.fromkeys(sets[0].scores, 1.0)))
        suggested += fitted is not None and fitted.suggested
    assert suggested <= 4


def test_each_choice_is_held_against_weights_that_never_saw_it() -> None:
    sets = choices(30, np.random.default_rng(8), noise=2, right=12)
    table = table_of(sets, right=1, noise0=1, noise1=1)
    of = design(table)
    fitted = fitted_weights(table)
    hits = []
    for number in range(len(sets)):
        rest = np.ones(len(sets))
        rest[number] = 0
        hits += [firsts(table, totals(table, weights_of(of, fit(of, rest)))).hits[number]]
    assert fitted is not None and fitted.first == pytest.approx(np.mean(hits))


def test_hundredths_sum_to_one() -> None:
    assert in_hundredths({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}) == {"a": 0.34, "b": 0.33, "c": 0.33}
    assert in_hundredths({"a": 0.995, "b": 0.005, "c": 0.0}) == {"a": 1.0, "b": 0.0, "c": 0.0}
    assert in_hundredths({"a": 0.0}) == {}


def by_hand(values: list[float]) -> list[float]:
    return [1 + sum(other < value for other in values) + (sum(other == value for other in values) - 1) / 2 for value in values]


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=5), min_size=1, max_size=5))
def test_ranks_are_those_of_counting(sets: list[list[int]]) -> None:
    flat = np.array([value for values in sets for value in values], dtype=float)
    numbers = np.array([number for number, values in enumerate(sets) for _ in values], dtype=np.intp)
    assert average_ranks(flat, numbers).tolist() == [rank for values in sets for rank in by_hand(list(map(float, values)))]


def rho(*sets: tuple[list[float | None], list[float | None]]) -> float:
    return spearman(score_table([ChoiceSet("t", {"a": a, "b": b}, 0) for a, b in sets], ["a", "b"]), "a", "b")


def test_rank_correlation_of_one_target_is_spearmans() -> None:
    """1 - 6 sum d^2 / n(n^2 - 1), with d = 1, -1, 0, 1, -1: 1 - 24/120."""
    assert rho(([10, 20, 30, 40, 50], [11, 29, 31, 45, 42])) == pytest.approx(1 - 6 * 2 / 120)
    assert rho(([1, 2, 3], [9, 5, 1])) == pytest.approx(-1)


def test_rank_correlation_is_within_targets() -> None:
    """Both scorers find the second prompt better than the first; of its candidates they say the opposite."""
    assert rho(([1, 2], [2, 1]), ([91, 92], [92, 91])) == pytest.approx(-1)


def test_rank_correlation_leaves_out_what_one_scorer_lacks() -> None:
    assert rho(([1, 2, None, 3], [1, 2, 99, 3])) == pytest.approx(1)
    assert math.isnan(rho(([1, None], [None, 1]))) and math.isnan(rho(([5, 5], [1, 2])))


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def test_three_thousand_choices_are_judged_within_a_second_of_a_core() -> None:
    sets = choices(3000, np.random.default_rng(9), noise=6)

    def judge() -> None:
        table = table_of(sets, **dict.fromkeys(sets[0].scores, 1.0))
        for scorer in table.scorers:
            agreement(firsts(table, table.column(scorer)))
            for other in table.scorers:
                spearman(table, scorer, other)
        assert fitted_weights(table) is not None

    assert min(seconds(judge) for _ in range(3)) < 1
