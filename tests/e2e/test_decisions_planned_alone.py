"""One decision plans its own spec, however many await a person, and writes what it would write if all were planned."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from test_survives_decisions import KINDS, Team, build

from calotype.api import KeptProject, Project
from counted import counted
from survival import Studio, studio

__all__ = ["studio"]

MANY = 12
PLANNED, WIDE = "plan/planner.plan_spec", "queries/status.status_query"


class Twins(Team):
    """A team each of whose decisions is taken twice: in the project, and in a copy of it that has no record of the last
    build, so that every spec is planned there. Both must come to the same, byte by byte."""

    alone = 0

    def decide(self, *words: str) -> None:
        target, number = self.any_candidate()
        self.both(words[0], target, str(number), *words[1:])

    def undo(self) -> None:
        self.both(self.random.choice(KINDS), self.any_candidate()[0], "--undo")

    def both(self, *words: str) -> None:
        twin = self.studio.root.parent / "twin"
        shutil.copytree(self.studio.root, twin, symlinks=True)
        (twin / "cache/state/record").unlink(missing_ok=True)
        other = Studio(twin, notes=self.studio.notes)
        with counted() as calls:
            done = self.studio.call(*words, "--json")
        self.alone += WIDE not in calls
        expected = other.call(*words, "--json")
        assert (done.code, done.json) == (expected.code, expected.json), words
        assert picks(self.studio.root) == picks(twin), words
        shutil.rmtree(twin)


def picks(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in sorted(root.glob("specs/picks/**/*.yaml"))}


@pytest.mark.parametrize("seed", range(8))
def test_a_decision_writes_what_it_would_if_every_spec_were_planned(studio: Studio, seed: int) -> None:
    team = Twins(studio, seed)
    for word, view in (("bend", "lateral"), ("turn", "anterior"), ("bend", "lateral")):
        team.add_spec(word=word, view=view)
    build(studio)
    for number in range(24):
        if number % 3 == 0:
            studio.call("build", "-q")
        if number % 2:
            team.step()
        else:
            team.random.choice((team.pick, team.approve, team.reject, team.undo))()
    assert team.alone, "every decision planned all specs"


@pytest.fixture
def awaited(studio: Studio) -> Studio:
    """Many exercises that await a person."""
    for number in range(MANY):
        studio.exercise(f"s{number:02}", f"description: bend {number}, candidates: 3, select: human")
    studio.settle()
    assert studio.call("build", "-q").code == 3
    return studio


def test_a_decision_plans_one_spec_however_many_await(awaited: Studio) -> None:
    project = Project(awaited.root)
    for decide in (
            lambda: project.pick("exercises/s03/01", "2"), lambda: project.pick("exercises/s03/01", "1"),
            lambda: project.reject("exercises/s04/01", "1", "a hand too many"),
            lambda: project.undo("pick", "exercises/s03/01"), lambda: project.approve("exercises/s05/01", "3")):
        with counted() as calls:
            decide()
        assert WIDE not in calls
        assert calls["language/load.load_spec"] == 1
        assert calls["store/tree/format.fingerprints"] <= 8, "no more than picks, lines and what is watched singly"


def test_a_project_that_stays_open_decides_as_one_opened_anew(awaited: Studio) -> None:
    with KeptProject(awaited.root) as kept:
        kept.pick("exercises/s01/01", "1")
        assert awaited.call("pick", "exercises/s01/01", "2").code == 0  # another process, meanwhile
        assert awaited.call("pick", "exercises/s02/01", "3").code == 0
        kept.pick("exercises/s03/01", "1")
        assert [each.target for each in kept.undo("pick", "exercises/s02/01")] == ["exercises/s02/01"]
        assert kept.pick("exercises/s01/01", "3").pixels != kept.pick("exercises/s01/01", "1").pixels
    files = picks(awaited.root)
    assert sorted(files) == ["specs/picks/exercises/s01.yaml", "specs/picks/exercises/s03.yaml"]
    assert all(text.count(b"decision: pick") == 1 for text in files.values())


def test_a_spec_that_is_wrong_hinders_no_decision_about_another(awaited: Studio) -> None:
    awaited.write("specs/exercises/s07.yaml", "kind: exercise\nid: s07\n")
    assert awaited.call("pick", "exercises/s01/01", "1").code == 0
    assert awaited.call("pick", "exercises/s07/01", "1").code == 2
