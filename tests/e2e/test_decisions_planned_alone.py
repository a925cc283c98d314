"""One decision plans its own spec, however many await a person, and writes what it would write if all were planned."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from test_survives_decisions import KINDS, Team, build

from calotype.api import KeptProject, Project
from calotype.ground.diagnostics import Problem
from calotype.language.decisions import read_picks
from calotype.project.answers import AskedDecision
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


def test_decisions_that_wait_are_looked_for_once_and_each_is_answered(awaited: Studio) -> None:
    twin = shutil.copytree(awaited.root, awaited.root.parent / "apart")
    asked = [*(AskedDecision("pick", f"exercises/s{number:02}/01", str(number % 3 + 1)) for number in range(MANY)),
             AskedDecision("reject", "exercises/s00/01", "3", "a hand too many"),
             AskedDecision("pick", "exercises/s01/01", "9"), AskedDecision("reject", "exercises/s02/01", "1"),
             AskedDecision("pick", "exercises/none/01", "1"), AskedDecision("pick", "exercises/s03/01", undo=True)]
    with KeptProject(awaited.root) as kept:
        with counted() as calls:
            first = kept.decide_together(asked[:MANY])
        answers = [*first, *kept.decide_together(asked[MANY:])]
    assert calls[WIDE] == 0 and calls["project/last_build.compare_decisions"] == 1
    assert calls["ground/lock.decision_lock"] == 2, "entered, and left"
    assert [answer[0].target for answer in answers if not isinstance(answer, Exception)] == [
        each.target for number, each in enumerate(asked) if number not in (MANY + 1, MANY + 2, MANY + 3)]
    codes = [problem.diagnostics[0].code for problem in answers if isinstance(problem, Problem)]
    assert codes == ["unknown-candidate", "missing-reason", "unknown-target"]
    for each in asked:
        with suppress(Problem):
            take(Project(twin), each)
    assert picks(awaited.root) == picks(twin)


def take(project: Project, asked: AskedDecision) -> None:
    """One decision by itself."""
    if asked.undo:
        project.undo(asked.decision, asked.target, asked.candidate)
    elif asked.decision == "pick":
        project.pick(asked.target, asked.candidate or "")
    else:
        project.reject(asked.target, asked.candidate or "", asked.reason)


def test_what_stands_in_one_file_is_changed_together(awaited: Studio) -> None:
    targets = [f"exercises/s{number:02}/01" for number in range(4)]
    with KeptProject(awaited.root) as kept:
        kept.decide_together([AskedDecision("pick", target, "1") for target in targets])
        texts = [text.partition(b"decisions:\n")[2] for text in picks(awaited.root).values()]
        shutil.rmtree(awaited.root / "specs/picks")
        awaited.write("specs/picks/all.yaml", b"version: 1\ndecisions:\n" + b"".join(texts))
        answers = kept.decide_together([
            AskedDecision("pick", targets[0], "2"), AskedDecision("pick", targets[1], undo=True),
            AskedDecision("pick", targets[2], "3")])
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert list(picks(awaited.root)) == ["specs/picks/all.yaml"]
    decisions = read_picks((awaited.root / "specs/picks/all.yaml").read_bytes(), "all.yaml")
    assert sorted(decision.target for decision in decisions) == [targets[0], targets[2], targets[3]]


def test_a_disk_that_refuses_one_refuses_no_other(awaited: Studio) -> None:
    """The file of one spec cannot be written; all others that wait with it are."""
    (awaited.root / "specs/picks/exercises").mkdir(parents=True)
    (awaited.root / "specs/picks/exercises/s01.yaml").mkdir()
    with KeptProject(awaited.root) as kept:
        answers = kept.decide_together([AskedDecision("pick", f"exercises/s{number:02}/01", "1") for number in range(4)])
    assert [isinstance(answer, OSError | Problem) for answer in answers] == [False, True, False, False]
    assert sorted(file.name for file in awaited.root.glob("specs/picks/exercises/*.yaml") if file.is_file()) == [
        "s00.yaml", "s02.yaml", "s03.yaml"]
    assert not awaited.leftovers("specs")
