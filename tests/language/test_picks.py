"""Decisions are written so that people can review them, and read back as they were."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calotype.ground.diagnostics import Problem
from calotype.language import decisions as language
from calotype.language.decisions import Decision, dump_picks, load_picks, read_picks
from calotype.language.yaml.document import Document, parse

A, B = "a" * 64, "b" * 64

digests = st.text(st.sampled_from("0123456789abcdef"), min_size=64, max_size=64) | st.sampled_from(
    ["1" * 64, "0b" + "1" * 62]
)
targets = st.from_regex(r"(exercises|scenes)/[a-z0-9_-]{1,9}/[a-z0-9_]{1,9}", fullmatch=True)
words = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=30)
decisions = st.builds(Decision, targets, digests, digests, st.sampled_from(["pick", "approve", "reject", "include", "exclude"]), words)


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


# the quick way and the way through YAML


@pytest.fixture
def yaml_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The picks files that were read as YAML, one name each time."""
    files: list[str] = []

    def parse_and_note(text: bytes, file: str) -> Document:
        files.append(file)
        return parse(text, file)

    monkeypatch.setattr(language, "parse", parse_and_note)
    return files


PICKED = [Decision("exercises/a/01", A, B, "reject", 'the "chin" \u00e9'), Decision("exercises/b/01", B, A, "pick")]
WRITTEN = dump_picks(PICKED)


def test_what_calotype_wrote_is_read_without_yaml(yaml_reads: list[str]):
    assert read_picks(WRITTEN, "picks.yaml") == tuple(PICKED)
    assert yaml_reads == []


@pytest.mark.parametrize("text", [
    b"# by Anna\n" + WRITTEN,
    WRITTEN.replace(b"  decision: pick\n", b"  decision: pick  # at last\n"),
    WRITTEN.replace(b"\n", b"\r\n"),
    WRITTEN + b"\n",
    WRITTEN.rstrip(),
    WRITTEN.replace(b"- target: exercises/b/01", b"- target: 'exercises/b/01'"),
    WRITTEN.replace(b"\xc3\xa9", b"\\xe9"),
])
def test_what_people_wrote_is_read_as_yaml_and_says_the_same(text: bytes, yaml_reads: list[str]):
    assert read_picks(text, "picks.yaml") == tuple(PICKED)
    assert yaml_reads == ["picks.yaml"]


def test_decisions_in_another_order_keep_it(yaml_reads: list[str]):
    first, second = (dump_picks([decision]).partition(b"decisions:\n")[2] for decision in PICKED)
    assert read_picks(b"version: 1\ndecisions:\n" + second + first, "picks.yaml") == tuple(reversed(PICKED))
    assert yaml_reads == ["picks.yaml"]


@pytest.mark.parametrize("text", [
    WRITTEN + b"- target: exercises/c/01\n",
    WRITTEN.replace(b"decision: pick", b"decision: pik"),
    WRITTEN.replace(b"  pixels: " + A.encode(), b"  pixels: " + b"a" * 63),
    WRITTEN.replace(b"  pixels: " + A.encode() + b"\n", b""),
    WRITTEN.replace(b"  decision: pick", b"  decision: pick\n  decision: reject"),
    WRITTEN.replace(b"version: 1", b"version: 9"),
    WRITTEN.replace(b"chin", b"\xff"),
    b"version: 1\ndecisions:\n",
    b"",
])
def test_nothing_is_read_of_a_file_with_an_error(text: bytes):
    with pytest.raises(Problem) as caught:
        read_picks(text, "specs/picks/a.yaml")
    assert {diagnostic.file for diagnostic in caught.value.diagnostics} == {"specs/picks/a.yaml"}


@given(st.lists(decisions, max_size=4), st.data())
def test_both_ways_read_the_same_of_any_damaged_file(written: list[Decision], data: st.DataObject):
    text = bytearray(dump_picks(written))
    for _ in range(data.draw(st.integers(0, 2))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.sampled_from(b"\n -:\"\\#a1"))
    assert outcome(lambda: read_picks(bytes(text), "a.yaml")) == outcome(lambda: load_picks(parse(bytes(text), "a.yaml")))


def outcome(read_file: Callable[[], tuple[Decision, ...]]) -> object:
    """The decisions, or what is wrong with the file."""
    try:
        return read_file()
    except Problem as problem:
        return problem.diagnostics
