"""What the five scores of a prompt come to."""

from __future__ import annotations

import pytest

from calotype.language.enhancing.review import WEIGHTS, Review


def test_the_guides_example_comes_to_87_and_a_half() -> None:
    scores = dict(zip(WEIGHTS, (88, 92, 85, 85, 85), strict=True))
    assert Review(scores).overall == 87.5


def test_weights_are_hundredths_of_the_whole() -> None:
    assert sum(WEIGHTS.values()) == 100
    assert list(WEIGHTS.values()) == [25, 25, 15, 20, 15]


@pytest.mark.parametrize("score", [0, 50, 100])
def test_five_equal_scores_come_to_that_score(score: int) -> None:
    assert Review(dict.fromkeys(WEIGHTS, score)).overall == score
