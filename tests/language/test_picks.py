"""Decisions are written so that people can review them, and read back as they were."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calotype.ground.diagnostics import Problem
from calotype.language.decisions import Decision, dump_picks, load_picks
from calotype.language.yaml.document import parse

A, B = "a" * 64, "b" * 64

digests = st.text(st.sampled_from("0123456789abcdef"), min_size=64, max_size=64) | st.sampled_from(
    ["1" * 64, "0b" + "1" * 62]
)
targets = st.from_regex(r"(exercises|scenes)/[a-z0-9_-]{1,9}/[a-z0-9_]{1,9}", fullmatch=True)
words = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=30)
decisions = st.builds(Decision, targets, digests, digests, st.sampled_from(["pick", "approve", "reject"]), words)


def read(text: bytes) -> tuple[Decision, ...]:
    return load_picks(parse(text, "specs/picks/exercises/a.yaml"))


def test_a_decision_takes_one_line_for_each_fact():
    written = dump_picks([Decision("exercises/a/01", A, B, "reject", 'the "chin"')])
    assert written.decode() == (
        "version: 1\ndecisions:\n- target: exercises/a/01\n"
        f'  action: {A}\n  pixels: {B}\n  decision: reject\n  reason: "the \\"chin\\""\n'
    )


def test_no_decisions_are_a_file_too():
    assert read(dump_picks([])) == ()


@given(st.lists(decisions, max_size=5))
def test_what_is_written_is_read_back(given: list[Decision]):
    written = dump_picks(given)
    assert set(read(written)) == {
        Decision(one.target, one.action, one.pixels, one.decision, unicodedata.normalize("NFC", one.reason))
        for one in given
    }
    assert dump_picks(read(written)) == written


def test_decisions_stand_by_target_and_of_one_target_in_the_order_they_were_made():
    late, early = Decision("exercises/a/01", A, A, "pick"), Decision("exercises/a/01", B, B, "pick")
    other = Decision("exercises/a/00", A, B, "pick")
    assert read(dump_picks([late, early, other])) == (other, late, early)


def test_a_decision_made_again_stands_where_it_was_made_last():
    first, second = Decision("exercises/a/01", A, A, "pick"), Decision("exercises/a/01", B, B, "pick")
    assert read(dump_picks([first, second, first])) == (second, first)


def test_a_reason_of_several_lines_is_written_on_one():
    assert (
        read(dump_picks([Decision("exercises/a/01", A, B, "reject", "too\n dark\u2028\x07")]))[0].reason == "too dark"
    )


def test_a_digest_of_digits_alone_stays_text():
    one = Decision("exercises/a/01", "1" * 64, "0b" + "0" * 62, "pick")
    assert read(dump_picks([one])) == (one,)


def test_a_newer_version_is_refused():
    with pytest.raises(Problem, match="newer") as caught:
        read(b"version: 2\ndecisions: []")
    assert caught.value.exit_code == 2


def test_a_merge_left_unfinished_is_told_as_such():
    text = dump_picks([Decision("exercises/a/01", A, B, "pick")]).replace(b"- target", b"<<<<<<< ours\n- target")
    with pytest.raises(Problem, match="merge was left unfinished"):
        read(text)
