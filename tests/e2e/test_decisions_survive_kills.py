"""Decisions are killed wherever they may be: the file is the one before or the one after."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from calotype.ground.target_names import spec_key_of
from survival import KILLED, Studio, at_change, at_point, child, studio

__all__ = ["studio"]

TARGET, FRONT = "exercises/nod/01", "characters/doll/anchors/front"
BEFORE = ("pick", TARGET, "1")
REJECT = ("reject", TARGET, "3", "--reason", "blurred")
INCLUDE, EXCLUDE = ("include", FRONT), ("exclude", FRONT, "--reason", "a hand too many")
INCLUDE_BACK = ("include", "characters/doll/anchors/back")
DOLL = """\
kind: character
id: doll
anchors: {poses: [{id: front, prompt: front}, {id: back, prompt: back}]}
training_set: {trigger_word: doll}
"""
COMMANDS = {
    "a first decision": ((), ("approve", TARGET, "2")),
    "pick": ((BEFORE,), ("pick", TARGET, "2")),
    "approve": ((BEFORE,), ("approve", TARGET, "2")),
    "reject": ((BEFORE,), REJECT),
    "undo of one": ((BEFORE, REJECT), ("reject", TARGET, "3", "--undo")),
    "undo of the last": ((BEFORE,), ("pick", TARGET, "--undo")),
    "include": ((), INCLUDE),
    "exclude": ((INCLUDE,), EXCLUDE),
    "include after exclude": ((EXCLUDE,), INCLUDE),
    "undo of include": ((INCLUDE,), ("include", FRONT, "--undo")),
    "undo of exclude": ((INCLUDE_BACK, EXCLUDE), ("exclude", FRONT, "--undo")),
}
POINTS = ("atomic.staged", "atomic.renamed", "picks-removed")


@pytest.fixture
def built(studio: Studio) -> Studio:
    studio.exercise("nod", "description: up, candidates: 3")
    studio.write("specs/characters/doll.yaml", DOLL)
    assert studio.call("build", "-q").code == 0
    return studio


def picks(studio: Studio, file: str) -> bytes | None:
    path = studio.root / file
    return path.read_bytes() if path.exists() else None


def put(studio: Studio, file: str, data: bytes | None) -> None:
    if data is None:
        (studio.root / file).unlink(missing_ok=True)
    else:
        studio.write(file, data)


def kills(studio: Studio, words: tuple[str, ...]) -> Iterator[int]:
    """The exit codes of a command that is killed at each named point, then before each change to the project's files."""
    for point in POINTS:
        yield child(studio, *words, first=at_point(point))
    for number in itertools.count(1):
        code = child(studio, *words, first=at_change(studio.root, number))
        yield code
        if code != KILLED:
            return


@pytest.mark.parametrize("name", COMMANDS)
def test_a_killed_decision_leaves_the_file_before_or_the_file_after(built: Studio, name: str) -> None:
    prepared, words = COMMANDS[name]
    file = f"specs/picks/{spec_key_of(words[1])}.yaml"
    for step in prepared:
        assert built.call(*step).code == 0
    before = picks(built, file)
    assert built.call(*words).code == 0
    after, codes = picks(built, file), []
    put(built, file, before)
    for code in kills(built, words):
        codes.append(code)
        assert picks(built, file) in (before, after)
        assert built.call("check").code in (0, 1)
        put(built, file, before)
        assert built.call(*words).code == 0, "a lock or a leftover is in the way"
        assert picks(built, file) == after
        put(built, file, before)
    assert codes.count(KILLED) > 2 and codes[-1] == 0
