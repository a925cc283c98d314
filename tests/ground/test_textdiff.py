"""What differs between two values, word by word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calotype.ground.textdiff import difference, runs

WORDS = st.lists(st.sampled_from(["a", "bow", "the", "head", ",", "slowly"]), max_size=12).map(" ".join)


@pytest.mark.parametrize(("old", "new", "parts"), [
    ("a bow", "a  bow", [("same", "a bow")]),
    ("bow the head slowly", "bow the head deeply", [("same", "bow the head"), ("old", "slowly"), ("new", "deeply")]),
    ("bow the head right now", "lift an arm right now", [("old", "bow the head right now"), ("new", "lift an arm right now")]),
    ("bow your head right now", "lift your arm right now",
     [("old", "bow"), ("new", "lift"), ("same", "your"), ("old", "head"), ("new", "arm"), ("same", "right now")]),
    ("", "a bow", [("new", "a bow")]),
    (None, "a bow", [("new", "a bow")]),
    (20, 30.5, [("old", "20"), ("new", "30.5")]),
    ({"hip": 90}, None, [("old", '{"hip": 90}')]),
    (["psoas", "soleus"], ["psoas", "vasti"], [("same", '"psoas"'), ("old", '"soleus"'), ("new", '"vasti"')]),
])
def test_what_is_common_is_told_once(old: object, new: object, parts: list[tuple[str, str]]) -> None:
    assert difference(old, new) == parts


@given(WORDS, WORDS)
def test_both_texts_can_be_read_in_it(old: str, new: str) -> None:
    parts = difference(old, new)
    assert " ".join(text for kind, text in parts if kind != "new") == old
    assert " ".join(text for kind, text in parts if kind != "old") == new


def test_what_would_take_seconds_is_not_compared() -> None:
    assert runs(["a"] * 2000, ["a"] * 1000) is None
