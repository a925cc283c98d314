"""Hostile YAML is refused within bounds: never a traceback, never much longer than a harmless file takes."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calotype.ground.diagnostics import Problem
from calotype.language.config import load_config
from calotype.language.load import load_pose, load_spec
from calotype.language.schema.validate import check
from calotype.language.yaml.document import MAX_BYTES, parse
from calotype.language.yaml.nodes import MAX_DEPTH
from conftest import REPOSITORY

SPECS = sorted((REPOSITORY / "specs").rglob("*.yaml"))
HEAD = "kind: exercise\nid: a\nregion: b\nimages:"
DEEP = 100_000

DEEP_TEXTS = {
    "lists in one line": "a: " + "[" * DEEP,
    "lists, closed": "a: " + "[" * DEEP + "]" * DEEP,
    "mappings in one line": "a: " + "{a: " * DEEP,
    "single pairs": "a: " + "[a: " * DEEP,
    "dashes in one line": "a:\n" + "- " * DEEP,
    "questions in one line": "? " * DEEP,
    "lines, each deeper": "\n".join(" " * level + "a:" for level in range(1_400)),
    "lists of lists over lines": "\n".join(" " * level + "-" for level in range(1_400)),
}


MOST = 5
"""How many times longer than PyYAML walks through a harmless mebibyte a hostile file may take, CPU time against CPU time: a
second on a quiet machine, where that takes 0.2. A busy neighbour slows both down alike."""


def slowness(text: bytes) -> float:
    """How many times longer than a harmless file `text` takes to be read and to be refused with every place."""
    script = [sys.executable, Path(__file__).with_name("refusal_times.py"), str(MOST)]
    return float(subprocess.run(script, input=text, capture_output=True, check=True).stdout)


@pytest.mark.parametrize("text", DEEP_TEXTS.values(), ids=DEEP_TEXTS)
def test_deep_nesting_is_refused_before_it_is_composed(text: str):
    with pytest.raises(Problem) as caught:
        parse(text.encode()[:MAX_BYTES], "spec.yaml")
    assert caught.value.diagnostics[0].code == "yaml-limit"
    assert slowness(text.encode()[:MAX_BYTES]) < MOST


@given(st.integers(1, 130), st.integers(0, 130), st.booleans())
def test_just_the_depth_that_is_allowed_is_read(lists: int, mappings: int, inner: bool):
    text = "a: " + "[" * lists + "{a: " * mappings + "1" + "}" * mappings + "]" * lists
    depth = 1 + lists + mappings + 1
    try:
        parse(text.encode(), "spec.yaml")
        assert depth <= MAX_DEPTH
    except Problem:
        assert depth > MAX_DEPTH


def test_a_list_of_lists_through_aliases_is_as_deep_as_it_is_written_out():
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 5_000))
    with pytest.raises(Problem) as caught:
        parse(text.encode(), "spec.yaml")
    assert "100 levels deep" in caught.value.diagnostics[0].message


def test_an_alias_bomb_is_refused():
    text = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for this, before in zip("bcdefghi", "abcdefgh", strict=True):
        text += f"{this}: &{this} [{', '.join([f'*{before}'] * 9)}]\n"
    assert slowness(text.encode()) < MOST
    with pytest.raises(Problem, match="aliases"):
        parse(text.encode(), "spec.yaml")


def test_a_merge_bomb_is_refused():
    text = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 60))
    assert slowness(text.encode()) < MOST
    with pytest.raises(Problem, match="aliases"):
        parse(text.encode(), "spec.yaml")


def test_an_alias_that_holds_itself_is_refused():
    with pytest.raises(Problem, match="holds itself"):
        parse(b"a: &a [*a]", "spec.yaml")


def test_aliases_within_reason_are_read():
    assert parse(b"a: &a {b: 1}\nc: [*a, *a]", "spec.yaml").data["c"] == [{"b": 1}, {"b": 1}]


def test_a_file_beyond_a_mebibyte_is_refused_unread():
    with pytest.raises(Problem, match="1,048,577 bytes"):
        parse(b"a" * (MAX_BYTES + 1), "spec.yaml")


def test_a_file_of_a_mebibyte_is_read():
    text = b"title: a\n#" + b"x" * (MAX_BYTES - 10)
    assert len(text) == MAX_BYTES
    assert parse(text, "spec.yaml").data == {"title": "a"}


WIDE = {
    "wrong items": HEAD + "\n- x" * 90_000,
    "wrong keys": HEAD + "\n- {a: 1}" * 20_000,
    "unknown keys": "kind: exercise\n" + "".join(f"k{n}: 1\n" for n in range(40_000)),
    "wrong poses": HEAD + "\n- {pose: {knee_fexion: 1, nek: x}}" * 9_000,
    "one wrong pose": HEAD + " [{pose: {" + "".join(f"kne{n}: 1, " for n in range(40_000)) + "}}]",
    "wrong words": HEAD + " [{muscles_shown: [" + "1," * 80_000 + "]}]",
    "a long word": "kind: " + "a" * 1_000_000,
    "a long key": "k" * 1_000 + ": 1\nid: " + "q" * 900_000,
    "the same word": HEAD + " [{characters: [" + "a," * 80_000 + "]}]",
    "wrong names": "version: 1\nloras: {" + "".join(f'"l {n}": {{}},' for n in range(9_000)) + "}",
    "keys twice": "a: 1\n" * 40_000,
    "keys of numbers": "".join(f"{n}: 1\n" for n in range(40_000)),
    "dates": "a: [" + "2020-01-01," * 80_000 + "]",
    "poses in poses": HEAD + " [{pose: " + "{from: {nek: 1}, to: " * 45 + "{nek: 3}" + "}" * 45 + "}]",
    "too many values": "a: [" + "x," * 400_000 + "]",
    "empty items": "a:\n" + "-\n" * 500_000,
    "anchors": "a: [" + "".join(f"&a{n} x," for n in range(90_000)) + "]",
    "sexagesimals": "a: 1" + ":0" * 500_000,
    "digits": "a: " + "9" * 1_000_000,
    "an open quote": 'a: "' + "b\n" * 500_000,
    "a long line of colons": "a:" * 500_000,
    "documents": "---\n" * 250_000,
    "directives": "%YAML 1.1\n" * 100_000,
    "a long tag": "a: !<" + "b" * 1_000_000,
    "quotes": '"' * 1_000_000,
}


LATE = {
    "item": ("exercise", HEAD + "\n- {seed: 1}" * 9_000 + "\n- {seed: x}", ("images", 9_000, "seed")),
    "key": ("config", "version: 1\nloras:\n" + "".join(f"  l{n}: {{path: a}}\n" for n in range(20_000))
            + "  last: {path: 1}\n", ("loras", "last", "path")),
    "setting": ("exercise", HEAD + "\n- {seed: 1}" * 9_000 + "\nseed: x\n", ("seed",)),
    "choice": ("exercise", HEAD + "\n- {seed: 1}" * 9_000 + "\n- {pose: 7}", ("images", 9_000, "pose")),
}


@pytest.mark.parametrize(("kind", "text", "pointer"), LATE.values(), ids=LATE)
def test_the_only_fault_of_a_huge_file_is_found_at_its_end(kind: str, text: str, pointer: tuple[str | int, ...]):
    document = parse(text.encode(), "spec.yaml")
    before = time.process_time()
    [found] = check(document, kind)
    assert time.process_time() - before < 2
    assert (found.code, (found.line, found.column)) == ("wrong-type", document.place(pointer))


@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE)
def test_a_wide_file_takes_little_longer_than_a_harmless_one(text: str):
    assert slowness(text.encode()[:MAX_BYTES]) < MOST


TOKENS = (
    "- ",
    ": ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "!!set ",
    "!x ",
    "|\n",
    ">\n",
    "'",
    '"',
    "#",
    "---\n",
    "...\n",
    "\t",
    "\n",
    "\0",
    "\x07",
    "\ufeff",
    "\u2028",
    "<<: ",
    "yes",
    "~",
    "1e999",
    ".nan",
    "0x",
    "2024-01-01",
    "%",
    "@",
    "`",
    "../../etc/passwd",
    "/etc/passwd",
    "con",
    "a" * 70,
    "\u0301",
    "\U0001f600",
    "1" * 400,
    "pose: ",
    "id: ",
    "seed: -1",
)


def mutated(text: bytes, chance: random.Random) -> bytes:
    """`text` with one to six random edits."""
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(text) + 1)
        stop = min(len(text), start + chance.randint(0, 20))
        match chance.randrange(6):
            case 0:
                text = text[:start] + text[stop:]
            case 1:
                text = text[:start] + chance.choice(TOKENS).encode() + text[start:]
            case 2:
                text = text[:start] + chance.choice(TOKENS).encode() + text[stop:]
            case 3:
                text = text[:start] + bytes([chance.randrange(256)]) + text[start + 1 :]
            case 4:
                text = text[:start] + text[start:stop] * chance.randint(2, 5) + text[stop:]
            case _:
                lines = text.split(b"\n")
                lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
                text = b"\n".join(lines)
    return text


def test_5000_mutated_files_are_read_or_refused_with_a_place():
    chance = random.Random(1841)
    sources = [path.read_bytes() for path in SPECS] + [b"version: 1\npresets: {draft: {steps: 20}}\n"]
    refused = 0
    for _ in range(5_000):
        text = mutated(chance.choice(sources), chance)
        before = time.process_time()
        for load in (load_spec, load_pose, load_config):
            try:
                load(parse(text, "specs/poses/x.yaml"))
            except Problem as problem:
                refused += 1
                for one in problem.diagnostics:
                    assert one.file == "specs/poses/x.yaml" and (one.line or 0) >= 1 and (one.column or 0) >= 1
                    assert one.message and "\n" not in one.message
        assert time.process_time() - before < 1, text
    assert refused > 5_000
