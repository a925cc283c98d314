"""Decisions are killed wherever they may be: each file is the one before or the one after."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from calotype.ground.target_names import spec_key_of
from calotype.project.last_build import compare_with_last_build
from survival import KILLED, Studio, at_change, at_point, child, studio

__all__ = ["studio"]

TARGET, TURN, FRONT = "exercises/nod/01", "exercises/turn/01", "characters/doll/anchors/front"
FILES = [f"specs/picks/{spec_key_of(target)}.yaml" for target in (TARGET, TURN, FRONT)]
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
    "approve of several": ((("approve", TURN),), ("approve", TARGET, TURN, "characters/doll/*")),
    "undo of several approvals": ((("approve", "*/*/*"),), ("approve", TARGET, TURN, "characters/doll/*", "--undo")),
    "exclude of several after include": ((INCLUDE,), ("exclude", "characters/*", "--reason", "a hand too many")),
    "undo of several": ((INCLUDE, INCLUDE_BACK), ("include", "characters/*", "--undo")),
}
POINTS = ("atomic.staged", "atomic.renamed", "picks-removed")


@pytest.fixture
def built(studio: Studio) -> Studio:
    studio.exercise("nod", "description: up, candidates: 3")
    studio.exercise("turn", "description: round")
    studio.write("specs/characters/doll.yaml", DOLL)
    assert studio.call("build", "-q").code == 0
    return studio


Picks = dict[str, bytes | None]
"""The files of decisions; None where there is none."""


def picks(studio: Studio) -> Picks:
    return {file: (studio.root / file).read_bytes() if (studio.root / file).exists() else None for file in FILES}


def left_behind(studio: Studio) -> list[str]:
    return [file for file in studio.files("specs") if file.endswith(".tmp")]


def put(studio: Studio, files: Picks) -> None:
    for file, data in files.items():
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
def test_a_killed_decision_leaves_each_file_as_before_or_as_after(built: Studio, name: str) -> None:
    prepared, words = COMMANDS[name]
    for step in prepared:
        assert built.call(*step).code == 0
    before = picks(built)
    assert built.call(*words).code == 0
    after, codes = picks(built), []
    put(built, before)
    for code in kills(built, words):
        codes.append(code)
        assert all(data in (before[file], after[file]) for file, data in picks(built).items())
        assert built.call("check").code in (0, 1)
        put(built, before)
        assert built.call(*words).code == 0, "a lock or a leftover is in the way"
        assert picks(built) == after and not left_behind(built)
        put(built, before)
    assert codes.count(KILLED) > 2 and codes[-1] == 0


@pytest.mark.parametrize("lost", [None, "cache/state/record"])
def test_a_build_removes_what_a_killed_decision_left(built: Studio, lost: str | None) -> None:
    assert child(built, *BEFORE, first=at_point("atomic.staged")) == KILLED
    assert len(left_behind(built)) == 1
    if lost is not None:
        built.remove(lost)
    built.settle()
    assert built.call("build").code == 0
    assert left_behind(built) == []
    assert compare_with_last_build(str(built.root)).unchanged


def test_between_two_files_a_kill_leaves_the_first_decided_and_a_repetition_decides_the_rest(built: Studio) -> None:
    words = ("approve", TARGET, TURN, FRONT)
    assert child(built, *words, first=at_point("atomic.renamed", 2)) == KILLED
    assert [data is not None for data in picks(built).values()] == [True, True, False]
    assert built.call(*words).code == 0
    assert None not in picks(built).values()
