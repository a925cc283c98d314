"""What differs between two texts, word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calotype.ground.textdiff import MOST_WORDS, difference

WORDS = st.lists(st.sampled_from(["a", "bow", "the", "head", ",", "slowly"]), max_size=12).map(" ".join)


@pytest.mark.parametrize(("old", "new", "parts"), [
    ("a bow", "a bow", [("same", "a bow")]),
    ("bow the head slowly", "bow the head deeply", [("same", "bow the head "), ("old", "slowly"), ("new", "deeply")]),
    ("bow the head now", "lift one arm now", [("old", "bow the head"), ("new", "lift one arm"), ("same", " now")]),
    ("", "a bow", [("new", "a bow")]),
    (None, "a bow", [("new", "a bow")]),
    (20, 30.5, [("old", "20"), ("new", "30.5")]),
    ({"hip": 90}, None, [("old", '{"hip": 90}')]),
])
def test_words_that_changed_side_by_side_are_one_change(old: object, new: object, parts: list[tuple[str, str]]) -> None:
    assert difference(old, new) == parts


@given(WORDS, WORDS)
def test_both_texts_can_be_read_in_it(old: str, new: str) -> None:
    parts = difference(old, new)
    assert "".join(text for kind, text in parts if kind != "new") == old
    assert "".join(text for kind, text in parts if kind != "old") == new


def test_very_long_texts_are_shown_whole() -> None:
    old, new = "a " * MOST_WORDS, "b " * MOST_WORDS
    assert difference(old, new) == [("old", old), ("new", new)]
