"""What is a weight in a prompt, and what is prose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calotype.language.prompt.weighted import fragments, plain


@pytest.mark.parametrize("text", [
    "mid- and forefoot", "pre- and post-operative care", "disc (L4)-L5", "(three)2 sets of ten", "C++ and a++",
    "knee (left), bent", "a ratio (2:1.5)", "at (10:30)", "(x:2)", "(x)2", "(x)+", "(x)1.3kg", "(x)1.3.2", "(x)1.3-2",
    "()1.3", "( )++", "(: 1.3)", "a)1.3", "(a", "boy.swap(red)", "a -- b", "(x) 1.3", "(seated)--more", '"a" \\ b',
])
def test_prose_has_no_weight_and_loses_no_sign(text: str):
    assert fragments(text) == [(text, 1.0)]


@pytest.mark.parametrize(("text", "runs"), [
    ("a (red)1.3 boy", [("a ", 1.0), ("red", 1.3), (" boy", 1.0)]),
    ("a (red:1.3), boy", [("a ", 1.0), ("red", 1.3), (", boy", 1.0)]),
    ("(two words: 0.8)", [("two words", 0.8)]),
    ("(red)++", [("red", 1.1**2)]),
    ("(red)---.", [("red", 0.9**3), (".", 1.0)]),
    ("(red)1.3.", [("red", 1.3), (".", 1.0)]),
    ("(a (b)2.0)0.5", [("a ", 0.5), ("b", 1.0)]),
    ("(a)1.5 (b)1.5", [("a b", 1.5)]),
    ("(knee (left))1.2", [("knee (left)", 1.2)]),
    ("", []),
])
def test_a_weight_is_read_for_the_words_in_its_parentheses(text: str, runs: list[tuple[str, float]]):
    assert [(run.text, pytest.approx(run.weight)) for run in fragments(text)] == runs


def test_an_escaped_parenthesis_is_meant():
    assert fragments(r"a \(red\)1.3 boy") == [("a (red)1.3 boy", 1.0)]
    assert plain(fragments(r"(\(L4\))1.3 disc")) == "(L4)  disc"


def test_a_thousand_parentheses_are_read_without_a_stack():
    assert fragments("(" * 5000 + "a" + ")1.1" * 5000)[0].text == "a"


@given(st.text("ab ()1.3:+-\\", max_size=40))
def test_any_text_is_read_and_only_marks_are_lost(text: str):
    runs = fragments(text)
    assert all(run.text.strip() for run in runs)
    assert [sign for sign in plain(runs) if sign in "ab"] == [sign for sign in text if sign in "ab"]
