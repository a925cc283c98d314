"""YAML as PyYAML's safe loader reads it; what a spec cannot hold is refused with its place and reason."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.language.yaml.document import Document, parse
from conftest import REPOSITORY

SPECS = sorted((REPOSITORY / "specs").rglob("*.yaml"))


def read(text: str | bytes) -> Document:
    return parse(text.encode() if isinstance(text, str) else text, "spec.yaml")


def loaded(text: str | bytes) -> Any:
    """What PyYAML's safe loader on libyaml reads."""
    return yaml.load(text, yaml.CSafeLoader)


def refusals(text: str | bytes) -> list[Diagnostic]:
    with pytest.raises(Problem) as caught:
        read(text)
    assert caught.value.exit_code == 2
    return caught.value.diagnostics


def refusal(text: str | bytes) -> Diagnostic:
    found = refusals(text)
    assert len(found) == 1, found
    return found[0]


def place(one: Diagnostic) -> tuple[int | None, int | None]:
    return one.line, one.column


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_the_sample_specs_read_as_the_safe_loader_reads_them(path: Path):
    assert read(path.read_bytes()).data == loaded(path.read_bytes())


SCALARS = """1 -1 0 08 1_000 1.5 -1.5e+3 .5 1. 1e3 1.0e+3 yes No TRUE off y n ~ null
Null '' "yes" '1' !!str_5 !!int_'5' !!float_2 !!bool_'on' !!null_'' ! - +12 -0 -0.0 0o17 <<x = text"""


@pytest.mark.parametrize("scalar", [one.replace("_", " ") if "!!" in one else one for one in SCALARS.split()])
def test_a_scalar_is_what_the_safe_loader_makes_of_it(scalar: str):
    text = f"a: {scalar}"
    try:
        expected = loaded(text)
    except yaml.YAMLError:
        assert refusals(text)
    else:
        data = read(text).data
        assert data == expected and type(data["a"]) is type(expected["a"])


@pytest.mark.parametrize(("written", "value", "hint"), [
    ("012", "in octal: as 10", "write 12"), ("-007", "in octal: as -7", "write -7"), ("00", "in octal: as 0", "write 0"),
    ("0x1F", "in hexadecimal: as 31", "write 31"), ("0b101", "in binary: as 5", "write 5"),
    ("1:10", "in sixties: as 70", "write 70"), ("1:30.5", "in sixties: as 90.5", "write 90.5"),
    ("190:20:30", "in sixties: as 685230", "write 685230"),
])
def test_a_number_that_is_not_read_by_tens_is_refused_with_both_ways_to_write_it(written: str, value: str, hint: str):
    one = refusal(f"pose:\n  neck_flexion: {written}")
    assert (one.code, place(one)) == ("yaml-type", (2, 17))
    assert one.message == f"YAML 1.1 reads `{written}` {value}"
    assert one.hint == f'{hint}; if it is text, quote it: "{written}"'


plain = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(plain, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(plain, values, max_size=5), st.sampled_from([None, True, False]))
def test_what_is_dumped_is_read_again(data: dict[str, Any], flow: bool | None):
    assert read(yaml.safe_dump(data, default_flow_style=flow)).data == data


@given(st.text(st.sampled_from("ab:-?[]{},&*!|>'\"%@`# \n\t1.<=~"), max_size=40))
def test_any_text_is_read_as_the_safe_loader_reads_it_or_refused(text: str):
    try:
        data = read(text).data
    except Problem:
        return
    assert data == loaded(text)


def test_a_byte_order_mark_is_no_part_of_the_text():
    assert read(b"\xef\xbb\xbfid: a").data == {"id": "a"}


def test_text_is_in_nfc():
    assert read("title: cafe\u0301").data == {"title": "caf\u00e9"}


def test_two_spellings_of_one_key_are_one_key_twice():
    assert refusal("caf\u00e9: 1\ncafe\u0301: 2").code == "duplicate-key"


def test_bytes_that_are_not_utf8_are_refused_where_they_stand():
    one = refusal(b"id: a\ntitle: caf\xe9")
    assert (one.code, place(one), one.hint) == ("yaml-encoding", (2, 11), "save the file as UTF-8")


@pytest.mark.parametrize("text", [b"\xff\xfei\x00d\x00", b"\x00", b"id: \x00", b"id: \x07", "id: \ufffe".encode()])
def test_what_is_no_text_is_refused(text: bytes):
    assert refusal(text).severity == "error"


def test_a_control_character_that_is_escaped_is_refused_too():
    assert place(refusal('id: a\ntitle: "a\\0b"')) == (2, 8)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("yes: 1", "the key `yes` is a boolean, not text", 'quote it: "yes"'),
        ("1: 1", "the key `1` is a number, not text", 'quote it: "1"'),
        ("~: 1", "the key `~` is null, not text", 'quote it: "~"'),
        ("2024-01-01: 1", "the key `2024-01-01` is a date, not text", 'quote it: "2024-01-01"'),
        ("? [a]\n: 1", "the key a list is a list, not text", "keys are text"),
        ("a: 2024-01-01", "`2024-01-01` is a date", 'quote it if it is text: "2024-01-01"'),
        ("a: .inf", "`.inf` is not a finite number", "quote it if it is text"),
        ("a: .nan", "`.nan` is not a finite number", "quote it if it is text"),
        ("a: 18446744073709551616", "`18446744073709551616` does not fit 64 bits", "quote it if it is text"),
        ("a: !!int x", "`x` is not a number", "quote it if it is text"),
        ("a: !!binary aa==", "binary data cannot stand here", "use plain lists, mappings, text and numbers"),
        ("a: !!set {b}", "a set cannot stand here", "use plain lists, mappings, text and numbers"),
        ("a: !mine b", "the tag `!mine` is not known here", "take the tag out"),
        ("a: !!python/object:os.system b", "`b` is of type `python/object:os.system`", 'quote it if it is text: "b"'),
        ("", "the file is empty", "begin with `key: value` lines"),
        ("# only a comment", "the file is empty", "begin with `key: value` lines"),
        ("- a", "the document is a list, not a mapping", "begin with `key: value` lines"),
        ("a", "the document is text, not a mapping", "begin with `key: value` lines"),
    ],
)
def test_what_a_spec_cannot_hold_is_refused_with_the_reason(text: str, message: str, hint: str):
    one = refusal(text)
    assert (one.message, one.hint, one.file) == (message, hint, "spec.yaml")


def test_every_refusal_is_told_at_once_in_order():
    found = refusals("yes: 1\na: .inf\nb: {c: 2024-01-01}\n1: 2")
    assert [place(one) for one in found] == [(1, 1), (2, 4), (3, 8), (4, 1)]


def test_a_key_that_stands_twice_is_an_error_with_both_places():
    one = refusal("id: a\ntags: []\nid: b")
    assert (one.code, place(one)) == ("duplicate-key", (3, 1))
    assert "first on line 1, column 1" in one.message


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ('a: 1\nb: "open\nc: 2', (2, 4), "close the quote"),
        ("a: [1, 2\nb: 3", (1, 4), "close the `[`"),
        ("a: {b: 1\nc: 3]", (1, 4), "close the `{`"),
        ("a:\n\t- b", (2, 1), "indent with spaces"),
        ("a: b: c", (1, 5), "wants quotes"),
        ("a: @b", (1, 4), "`@` wants quotes"),
        ("a: `b`", (1, 4), "backtick wants quotes"),
        ("a: *b", (1, 4), "`*` wants quotes"),
        ('a: "\\q"', (1, 5), "another: `\\\\`"),
        ("a: 1\n---\nb: 2", (2, 1), "take out the second `---`"),
        ("a: &x 1\nb: &x 2", (2, 4), "a name of its own"),
        ("a:\n  - b\n - c", (3, 2), None),
        ("a: 1\nstray words\nb: 2", (2, 1), "write `key: value`, or take it out"),
        ("a:\n  - b: 1\n    stray\n    c: 2", (3, 5), "write `key: value`"),
        ("stray\na: 1", (1, 1), "write `key: value`"),
        ("a: 1\nlast", (2, 1), "write `key: value`"),
        ("a: 1\u2028b\nc: 2\n", (2, 1), None),
        ("a: 1\n<<<<<<< ours\nb: 2\n=======\nb: 3\n>>>>>>> theirs\n", (2, 1), "keep one of the two sides"),
    ],
)
def test_a_slip_in_the_syntax_is_shown_where_it_is_to_be_mended(text: str, where: tuple[int, int], hint: str | None):
    one = refusal(text)
    assert place(one) == where
    assert hint is None or hint in (one.hint or "")


def test_merge_keys_draw_in_as_the_safe_loader_does():
    text = "\n".join(
        (
            "base: &base {seed: 1, size: [8, 16], preset: draft}",
            "over: &over {seed: 2}",
            "one: {<<: *base, seed: 3}",
            "list: {<<: [*over, *base]}",
            "deep: {<<: {<<: *base, seed: 4}, tags: []}",
        )
    )
    assert read(text).data == loaded(text)


def test_what_is_merged_is_found_where_it_was_written():
    document = read("base: &base {seed: 1}\none: {<<: *base, size: 2}\ntwo: {<<: [{a: 1}, *base]}")
    assert document.place(("one", "seed")) == (1, 20)
    assert document.place(("two", "seed"), key=True) == (1, 14)


def test_places_are_those_of_values_and_of_keys():
    document = read("id: a\nimages:\n  - view: b\n    pose: {base: c, \n      knee: 10}\n")
    assert document.place(("images", 0, "pose", "knee")) == (5, 13)
    assert document.place(("images", 0, "pose", "knee"), key=True) == (5, 7)
    assert document.place(("images", 0)) == (3, 5)
    assert document.place(()) == (1, 1)


def test_the_place_of_what_is_not_there_is_its_parents():
    document = read("id: a\nimages:\n  - view: b\n")
    assert document.place(("images", 0, "seed")) == (3, 5)
    assert document.place(("images", 7, "seed")) == (3, 3)


def test_columns_count_characters():
    assert read("{é: ü, b: c}").place(("b",)) == (1, 11)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_keep_their_value(value: float):
    assert math.isclose(read(yaml.safe_dump({"a": value})).data["a"], value, rel_tol=0, abs_tol=0)


def test_a_date_is_never_guessed():
    assert not isinstance(read("a: 2024-1-1").data["a"], date)
