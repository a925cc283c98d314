"""Plain block YAML, read without a parser: libyaml is the reference, and what is not sure is left to it."""

from __future__ import annotations

import random
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_hostile_yaml import mutated

from calotype.language.yaml.plain import MAX_BYTES, read_plain
from calotype.language.yaml.values import read
from conftest import REPOSITORY

SPECS = [path.read_bytes() for path in sorted((REPOSITORY / "specs").rglob("*.yaml"))]
LINES = tuple(line.encode() for line in (
    "- a\n", "  - b: c\n", "x:\n", "  y: 1\n", "    z: [a, b]\n", "k: {a: 1, b: c d}\n", "# c\n", "  # c\n", "\n", "a: b # c\n",
    'q: "x: y"\n', "  q: 'it'\n", "- - a\n", "n: 007\n", "f: 1.50\n", "t: true\n", "o: on\n", "e: 1e3\n", "m: -0\n",
    " k: v\n", "k : v\n", "k:  v  \n", "k:v\n", "- k: v\n", "  k: v\n", "-  k: v\n", "   k: v\n", "k: a: b\n", "k: [a, b\n",
    "]\n", "k: |\n", "  text\n", "k: a\n  b\n", "k: 'a\n", "b'\n", "k: -\n", "k: - a\n", "k: 1 2\n", "k: a, b\n",
    "k: {a: [1, {b: c}], d: 'e'}\n", "---\n", "...\n", "k: a b\n\n\n", "\tk: v\n", "k: \n", "k: #c\n", "- #c\n", "-\n", "k: 0.\n",
    "k: 2024-01-01\n", "k: y\n", "y: k\n", "k: nULL\n", "k: a-\n", "k: [a-, b]\n", "k: [a?b]\n", "k: a?b!\n", "k: [é]\n",
    "k: é\n", "last: word", "k: &a b\n", "<<: {a: b}\n", "k: *a\n", "k: !!str 1\n", "k: a#b\n", "k: [a #b]\n", "k: 12:30\n",
))


def accepted(text: bytes) -> bool:
    """Whether `text` is plain; its value is then the reference's, types and order of keys as well."""
    data = read_plain(text)
    if data is not None:
        assert repr(data) == repr(read(text, "spec.yaml")), text
    return data is not None


def test_nearly_every_spec_of_the_repository_is_plain() -> None:
    assert sum(map(accepted, SPECS)) >= len(SPECS) - 3


@pytest.mark.parametrize(("text", "data"), [
    ("a: b", {"a": "b"}),
    ("a:\n- b\n- c: d\n  e: 1\nf: 2.50\n", {"a": ["b", {"c": "d", "e": 1}], "f": 2.5}),
    ("a:\n  b:\n    c: true\n  # a remark\n\nd: -7 # more\n", {"a": {"b": {"c": True}}, "d": -7}),
    ("a: [b c, {d: 'e, f', g: [1, 2.5]}]\n", {"a": ["b c", {"d": "e, f", "g": [1, 2.5]}]}),
    ('a: "b: #c"\nd: it is (so), they say - "yes"\n', {"a": "b: #c", "d": 'it is (so), they say - "yes"'}),
    ("t: Bâle – ‘a’\n", {"t": "Bâle – ‘a’"}),
])
def test_plain_documents_are_read(text: str, data: dict[str, Any]) -> None:
    assert read_plain(text.encode()) == data and accepted(text.encode())


@pytest.mark.parametrize("text", [
    "", "# nothing\n", "a:\n", "a: ~\n", "a: null\n", "a: yes\n", "on: a\n", "a: 1\na: 2\n", "a: |\n  b\n", "a: >-\n  b\n",
    "a: &x b\n", "a: *x\n", "a: !!str b\n", "<<: {a: b}\n", "a: b\n  c\n", "a: 'it''s'\n", 'a: "\\n"\n', "a: [b,\n  c]\n",
    "a: 010\n", "a: 1_000\n", "a: 1e3\n", "a: 0x1f\n", "a: 12:30\n", "a: 2024-01-01\n", "a: .5\n", "a: 5.\n", "a: +1\n",
    "a: []\n", "a: {}\n", "a: [b, ]\n", "a: [b: c]\n", "a: {b}\n", "a: {b: c, b: d}\n", "- a\n", "a: b: c\n", "a: b:\n",
    "a: b#c\nd: #\n", "\ta: b\n", "a:\tb\n", "a: b\r\n", " a: b\n", "a: b\n c: d\n", "a:\n    b: c\n  d: e\n", "---\na: b\n",
    "a: b\n...\n", "? a\n: b\n", "a: - b\n", "a:\n- - b\n", "a: @b\n", "a: `b`\n", "a: %b\n", "a: \u2028b\n", "a: \x07\n",
    "a: [" + "[" * 30 + "b" + "]" * 30 + "]\n", "".join(" " * n + "a:\n" for n in range(30)) + " " * 30 + "a: b\n",
    "a: b\n" + "#" * MAX_BYTES,
])
def test_anything_else_is_left_to_libyaml(text: str) -> None:
    assert read_plain(text.encode()) is None


def test_no_mutation_of_a_spec_is_read_otherwise_than_by_libyaml() -> None:
    chance, plain = random.Random(1841), 0
    for _ in range(6_000):
        text = mutated(chance.choice(SPECS), chance)
        try:
            text.decode()
        except UnicodeDecodeError:
            continue
        plain += accepted(text)
    assert plain > 300


@settings(max_examples=3_000, deadline=None)
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=7).map(b"".join))
def test_no_document_of_odd_lines_is_read_otherwise_than_by_libyaml(text: bytes) -> None:
    accepted(text)


@settings(max_examples=1_000, deadline=None)
@given(st.text(st.sampled_from("ab:- #[]{},'\"\n\t01.~&*!|>%@?é"), max_size=24))
def test_no_text_of_signs_is_read_otherwise_than_by_libyaml(text: str) -> None:
    accepted(text.encode())
    accepted(f"key: {text}".encode())


def test_a_plain_document_takes_no_parser_to_be_imported() -> None:
    code = ("import sys; from calotype.language.yaml.document import parse\n"
            "parse(b'a: b', 'x'); print('yaml' in sys.modules); parse(b'a: |\\n  b', 'x'); print('yaml' in sys.modules)")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "True"]


def test_a_fault_in_a_plain_document_has_its_place() -> None:
    from calotype.language.schema.validate import check
    from calotype.language.yaml.document import parse

    document = parse(b"kind: exercise\nid: a\nregion: b\nimages:\n  - seed: 1\n  - {seed: x}\n", "spec.yaml")
    assert accepted(document.text)
    [fault] = check(document, "exercise")
    assert (fault.line, fault.column) == (6, 12)
