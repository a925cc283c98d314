"""pick, approve and reject are killed wherever they may be: the file is the one before or the one after."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from survival import KILLED, Studio, at_change, at_point, child, studio

__all__ = ["studio"]

PICKS, TARGET = "specs/picks/exercises/nod.yaml", "exercises/nod/01"
BEFORE = ("pick", TARGET, "1")
REJECT = ("reject", TARGET, "3", "--reason", "blurred")
COMMANDS = {
    "a first decision": ((), ("approve", TARGET, "2")),
    "pick": ((BEFORE,), ("pick", TARGET, "2")),
    "approve": ((BEFORE,), ("approve", TARGET, "2")),
    "reject": ((BEFORE,), REJECT),
    "undo of one": ((BEFORE, REJECT), ("reject", TARGET, "3", "--undo")),
    "undo of the last": ((BEFORE,), ("pick", TARGET, "--undo")),
}
POINTS = ("atomic.staged", "atomic.renamed", "picks-removed")


@pytest.fixture
def built(studio: Studio) -> Studio:
    studio.exercise("nod", "description: up, candidates: 3")
    assert studio.call("build", "-q").code == 0
    return studio


def picks(studio: Studio) -> bytes | None:
    file = studio.root / PICKS
    return file.read_bytes() if file.exists() else None


def put(studio: Studio, data: bytes | None) -> None:
    if data is None:
        (studio.root / PICKS).unlink(missing_ok=True)
    else:
        studio.write(PICKS, data)


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
    for step in prepared:
        assert built.call(*step).code == 0
    before = picks(built)
    assert built.call(*words).code == 0
    after, codes = picks(built), []
    put(built, before)
    for code in kills(built, words):
        codes.append(code)
        assert picks(built) in (before, after)
        assert built.call("check").code in (0, 1)
        put(built, before)
        assert built.call(*words).code == 0, "a lock or a leftover is in the way"
        assert picks(built) == after
        put(built, before)
    assert codes.count(KILLED) > 2 and codes[-1] == 0
