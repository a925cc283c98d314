"""How often a scorer had the human's choice first: against figures worked out by hand, and against every outcome."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calotype.queries.judge.agreement import Firsts, agreement, firsts, luck, sign_test, wilson
from calotype.queries.judge.choice_sets import ChoiceSet, score_table, totals
from calotype.queries.judge.picks_needed import assumed_rate, picks_to_fit, picks_to_tell

SCORES = st.one_of(st.none(), st.sampled_from([10.0, 20.0, 30.0, 40.0]))
SETS = st.lists(st.tuples(st.lists(SCORES, min_size=1, max_size=5), st.integers(0, 4)), min_size=1, max_size=6)


def judged(*sets: tuple[Sequence[float | None], int]) -> Firsts:
    table = score_table([ChoiceSet("t", {"a": scores}, chosen) for scores, chosen in sets], ["a"])
    return firsts(table, table.column("a"))


def test_a_choice_is_first_where_no_other_candidate_scores_more() -> None:
    of = agreement(judged(([80, 20, 30, 40], 0), ([80, 20], 1)))
    assert (of.sets, of.rate, of.chance) == (2, 0.5, pytest.approx((1 / 4 + 1 / 2) / 2))


def test_a_tie_for_first_place_counts_in_parts() -> None:
    assert judged(([70, 70, 10], 0), ([70, 70, 70], 1), ([70, 70, 10], 2)).hits.tolist() == [1 / 2, 1 / 3, 0]


def test_a_scorer_counts_where_it_has_a_score_of_the_choice_and_of_another() -> None:
    of = judged(([None, 20], 0), ([20, None], 0), ([20, None, 10], 0), ([None, None], 1))
    assert of.sets.tolist() == [2] and of.sizes.tolist() == [2]


def test_where_nothing_can_be_judged_there_are_no_figures() -> None:
    of = agreement(judged(([None, 20], 0)))
    assert of.sets == 0 and all(map(math.isnan, (of.rate, of.chance, of.low, of.high, of.luck)))


def test_candidates_that_are_all_equal_tell_nothing() -> None:
    of = agreement(judged(*[([50, 50], 0)] * 40))
    assert (of.rate, of.chance, of.luck) == (0.5, 0.5, 1.0)


@pytest.mark.parametrize(("rate", "count", "low", "high"), [
    (0.5, 10, 0.2366, 0.7634), (0.0, 10, 0.0, 0.2775), (1.0, 10, 0.7225, 1.0), (81 / 263, 263, 0.2553, 0.3662),
])
def test_intervals_are_those_of_wilson(rate: float, count: int, low: float, high: float) -> None:
    """The last is the example of Newcombe, Statistics in Medicine 17, 1998."""
    assert wilson(rate, count) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_luck_is_the_binomial_tail_where_all_sets_are_alike() -> None:
    sets = [([9, 1, 1, 1], 0)] * 7 + [([9, 1, 1, 1], 1)] * 5
    tail = sum(math.comb(12, hits) * 0.25**hits * 0.75 ** (12 - hits) for hits in range(7, 13))
    assert luck(judged(*sets)) == pytest.approx(tail, rel=1e-9)


@given(SETS)
@settings(deadline=None)
def test_luck_is_what_counting_every_choice_gives(sets: list[tuple[list[float | None], int]]) -> None:
    of = judged(*[(scores, chosen % len(scores)) for scores, chosen in sets])
    if not len(of.sets):
        return
    outcomes = [[(Fraction(1, int(tied)), Fraction(int(tied), int(size))), (Fraction(0), 1 - Fraction(int(tied), int(size)))]
                for tied, size in zip(of.tied, of.sizes, strict=True)]
    observed = sum(Fraction(1, int(tied)) for tied, hit in zip(of.tied, of.hits, strict=True) if hit)
    tail = Fraction(0)
    for way in itertools.product(*outcomes):
        if sum(hit for hit, _ in way) >= observed:
            tail += math.prod((chance for _, chance in way), start=Fraction(1))
    assert luck(of) == pytest.approx(float(tail), abs=1e-9)


def test_luck_is_even_where_nothing_is_known() -> None:
    """Under the null it is at most p with a probability of p."""
    draw = np.random.default_rng(7)
    lucks = [luck(judged(*[(draw.normal(size=4).tolist(), int(draw.integers(4))) for _ in range(40)])) for _ in range(300)]
    for level in (0.05, 0.2, 0.5):
        assert sum(each <= level for each in lucks) / 300 <= level + 0.05


def test_ties_of_many_are_still_tested() -> None:
    assert 0 < luck(judged(*[([70] * 7 + [10], 0)] * 5 + [([70] * 11 + [10], 0)] * 5)) < 1


def test_the_sign_test_counts_coins() -> None:
    assert sign_test(0, 0) == 1.0
    assert sign_test(8, 2) == pytest.approx((45 + 10 + 1) / 1024)


def test_a_sum_is_over_the_scorers_that_are_there() -> None:
    scores = {"a": [80, None, None, 40], "b": [20, 50, None, None], "c": [1, 1, 1, 1]}
    table = score_table([ChoiceSet("t", scores, 0, {"a": 3, "b": 1})] * 2, ["a", "b", "c"])
    sums = totals(table, table.weights)
    assert sums[[0, 1, 3]].tolist() == [65, 50, 40] and np.isnan(sums[2]) and np.array_equal(sums[4:], sums[:4], equal_nan=True)
    assert np.isnan(totals(table, np.zeros(3))).all()
    assert totals(table, np.array([0, 0, 2])).tolist() == [1] * 8


def test_each_target_is_ordered_by_the_weights_of_its_renderer() -> None:
    sets = [ChoiceSet("t", {"a": [80, 20], "b": [20, 80]}, 0, {name: 1}) for name in "ab"]
    table = score_table(sets, ["a", "b"])
    assert firsts(table, totals(table, table.weights)).hits.tolist() == [1, 0]


@pytest.mark.parametrize("chance", [0.5, 1 / 3, 0.25, 0.1])
def test_so_many_picks_tell_a_judge_from_chance_and_one_less_does_not(chance: float) -> None:
    needed = picks_to_tell(chance)

    def power(picks: int) -> float:
        def tail(rate: float, least: int) -> float:
            return sum(math.comb(picks, hits) * rate**hits * (1 - rate) ** (picks - hits) for hits in range(least, picks + 1))
        least = next(hits for hits in range(picks + 2) if tail(chance, hits) <= 0.05)
        return tail(assumed_rate(chance), least)

    assert power(needed) >= 0.8
    assert all(power(fewer) < 0.8 for fewer in range(1, needed))


def test_the_assumed_judge_has_three_times_the_odds_of_chance() -> None:
    assert [assumed_rate(chance) for chance in (0.25, 0.5)] == [pytest.approx(0.5), pytest.approx(0.75)]


def test_a_fit_takes_ten_picks_for_each_weight() -> None:
    assert picks_to_fit(0.25, 1) == picks_to_tell(0.25) < picks_to_fit(0.25, 7) == 70
