"""People decide while a build is at work: at once, nothing is lost, and nothing approved is published over."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from calotype.api import Project
from calotype.ground import atomic
from calotype.ground.diagnostics import Problem
from calotype.ground.images import pixels_of
from conftest import CALOTYPE
from survival import KILLED, Studio, _be_a_child, _changes, at_point, child, studio

__all__ = ["studio"]

NOD, TURN, SLOW, FRONT = "exercises/nod/01", "exercises/nod/02", "exercises/slow/01", "characters/doll/anchors/front"
PICKS = "specs/picks/exercises/nod.yaml"
DOLL = """\
kind: character
id: doll
anchors: {poses: [{id: front, prompt: front}]}
training_set: {trigger_word: doll}
"""
SOON = 2.0
"""Seconds for a decision; each of the builds beside it takes more."""
PATIENCE = 60.0


@pytest.fixture
def built(studio: Studio) -> Studio:
    studio.exercise("nod", "description: up, candidates: 3, select: first", "description: round, candidates: 3, select: first")
    studio.write("specs/characters/doll.yaml", DOLL)
    assert studio.call("build", "-q").code == 0
    studio.settle()
    return studio


@contextmanager
def building(space: Studio, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A build in a process of its own, which is at work on a slow picture."""
    space.exercise("slow", "description: slow", region="hip")
    space.order(slow={"seconds": 4})
    before = len(space.painted)
    process = subprocess.Popen([str(CALOTYPE), "build", "--json", *words], cwd=space.root, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env={**os.environ, "CALOTYPE_PAINTER": str(space.notes)}, text=True)
    try:
        until(lambda: len(space.painted) > before)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def ended(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err, err
    return process.returncode, json.loads(out)


def decisions(space: Studio, file: str = PICKS) -> list[tuple[str, str]]:
    if not (space.root / file).exists():
        return []
    rows = yaml.safe_load((space.root / file).read_text())["decisions"]
    return sorted((row["decision"], row["target"]) for row in rows)


def shown(space: Studio, name: str = "nod_01") -> str:
    return pixels_of(space.root / f"content/images/exercises/neck/{name}.png")


def candidates(space: Studio, target: str = NOD) -> list[str]:
    return [each["pixels"] for each in space.call("show", target, "--json").json["candidates"]]


def test_every_decision_is_taken_at_once_and_the_next_build_acts_on_it(built: Studio) -> None:
    second = candidates(built)[1]
    with building(built) as process:
        for words in (("pick", NOD, "3"), ("pick", NOD, "--undo"), ("approve", TURN), ("pick", NOD, "2"),
                      ("reject", NOD, "3", "--reason", "blurred"), ("include", FRONT), ("approve", "exercises/nod/02", FRONT)):
            began = time.monotonic()
            done = built.call(*words)
            assert (done.code, process.poll()) == (0, None), done.err
            assert time.monotonic() - began < SOON, words
        code, outcome = ended(process)
    assert (code, outcome["renders"], outcome["failed"]) == (0, 1, 0)
    assert decisions(built) == [("approve", TURN), ("pick", NOD), ("reject", NOD)]
    assert decisions(built, "specs/picks/characters/doll.yaml") == [("approve", FRONT), ("include", FRONT)]
    assert shown(built) != second, "the build that was at work goes by what it had read"
    done = built.call("build", "--json")
    assert (done.code, done.json["renders"]) == (0, 0) and shown(built) == second
    assert built.call("check").code == 0


def test_what_is_published_so_far_can_be_approved_and_what_is_not_rendered_yet_is_told_with_the_build(built: Studio) -> None:
    built.call("pick", NOD, "2")
    second = candidates(built)[1]
    with building(built) as process:
        assert shown(built) == second and process.poll() is None
        done = built.call("approve", SLOW)
        assert done.code == 2 and f"a build is at work here (process {process.pid})" in done.err, done.err
        done = built.call("pick", SLOW, "1")
        assert done.code == 2 and f"a build is at work here (process {process.pid})" in done.err, done.err
        done = built.call("approve", NOD)
        assert (done.code, process.poll()) == (0, None), done.err
        assert ended(process)[0] == 0
    assert decisions(built) == [("approve", NOD)] and shown(built) == second
    assert built.call("check").code == 0
    built.exercise("later", "description: later")
    assert "at work" not in built.call("approve", "exercises/later/01").err


def test_a_picture_that_is_put_in_waits_for_the_build_and_says_for_whom(built: Studio, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (16, 16), "red").save(tmp_path / "own.png")
    with building(built) as process:
        putting = subprocess.Popen([str(CALOTYPE), "pick", NOD, str(tmp_path / "own.png")], cwd=built.root,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert putting.stderr is not None
        assert f"a build is at work here (process {process.pid}): waiting" in putting.stderr.readline()
        assert built.call("pick", TURN, "2").code == 0 and process.poll() is None, "nobody waits for who waits"
        assert ended(process)[0] == 0
        _, err = putting.communicate(timeout=PATIENCE)
        assert putting.returncode == 0, err
    assert shown(built) == pixels_of(tmp_path / "own.png")
    assert decisions(built) == [("import", NOD), ("pick", TURN)]


# the race: a decision between plan and publishing


class Race:
    """A forked build that pauses before its n-th change to the project, or (0) just before it locks decisions to publish
    what it has planned, until it is let go."""

    def __init__(self, space: Studio, number: int = 0) -> None:
        self._space, self._gate = space, space.notes / "gate"
        self._paused = space.notes / "paused"
        for file in (self._gate, self._paused):
            file.unlink(missing_ok=True)
        heard, speaks = os.pipe()
        self._heard = heard
        self.pid = os.fork()
        if not self.pid:
            _be_a_child(space, ("build", "--json"), self._pausing(number), speaks)
        os.close(speaks)

    def _pausing(self, number: int) -> Callable[[], None]:
        count, root = 0, str(self._space.root)

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal count
            if _changes(event, arguments, root):
                locks = event == "open" and str(arguments[0]).endswith("decisions.lock")
                count = -1 if count < 0 or (locks and not number) else count + 1
                if count in (number or -1, -1) and not self._paused.exists():
                    self._paused.touch()
                    while not self._gate.exists():
                        time.sleep(0.005)

        return lambda: sys.addaudithook(hook)

    def paused(self) -> bool:
        """Waits for the pause; False where the build has ended without one."""
        while not self._paused.exists():
            if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                return False
            time.sleep(0.005)
        return True

    def end(self) -> tuple[int, dict[str, Any]]:
        self._gate.touch()
        with open(self._heard, encoding="utf-8") as pipe:
            text = pipe.read()
        assert "Traceback" not in text, text
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return code, json.loads(next(line for line in text.splitlines() if line.startswith("{")))


def forked(space: Studio, act: Callable[[Project], object]) -> int:
    """The process id of a fork that does something to the project: exit code 0, or 2 where it is refused."""
    pid = os.fork()
    if not pid:
        code = 99
        with suppress(BaseException):
            try:
                act(Project(space.root))
                code = 0
            except Problem:
                code = 2
        os._exit(code)
    return pid


def exit_code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def ends_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return True
        time.sleep(0.005)
    return False


def approve_what_is_published(project: Project) -> None:
    with suppress(Problem):
        project.undo("pick", NOD)
    project.approve(NOD)


def test_an_approved_picture_stands_wherever_the_build_is_that_was_to_replace_it(built: Studio) -> None:
    first, second, _ = candidates(built)
    outcomes, seed = set(), random.Random(7)
    places = sorted({*range(1, 12), *seed.sample(range(12, 70), 14)})
    for number in places:
        for words in (("approve", NOD, "--undo"), ("pick", NOD, "--undo")):
            built.call(*words)
        assert built.call("build", "-q").code == 0 and shown(built) == first
        assert built.call("pick", NOD, "2").code == 0
        race = Race(built, number)
        if not race.paused():
            race.end()
            break
        approving = forked(built, approve_what_is_published)
        ends_within(approving, 1.0)  # else it waits for the build, which is publishing just now
        code, _ = race.end()
        approved = exit_code(approving)
        assert approved in (0, 2)
        if approved == 0:
            (decided,) = [row for row in yaml.safe_load(built.read(PICKS))["decisions"] if row["decision"] == "approve"]
            assert shown(built) == decided["pixels"], f"published over, at change {number}"
        else:
            assert shown(built) == second
        outcomes.add((approved, code, shown(built) == first))
        before = shown(built)
        assert built.call("build", "-q").code == 0
        assert approved != 0 or shown(built) == before
        assert built.call("check").code == 0
    assert (0, 1, True) in outcomes, "the build was never refused"
    assert any(approved == 2 or not stands for approved, _, stands in outcomes), "the build was never first"


def test_the_build_says_what_was_decided_and_that_it_is_to_be_built_again(built: Studio) -> None:
    built.call("pick", NOD, "2")
    race = Race(built)
    assert race.paused()
    approving = forked(built, approve_what_is_published)
    assert exit_code(approving) == 0
    code, outcome = race.end()
    (problem,) = [each for each in outcome["diagnostics"] if each["severity"] == "error"]
    assert (code, problem["code"], problem["file"], problem["hint"]) == (1, "edited", PICKS, "build again")
    assert NOD in problem["message"] and "decided on during the build" in problem["message"]


@pytest.mark.parametrize("act", [
    lambda project: project.pick(TURN, "3"), lambda project: project.include(FRONT),
    lambda project: project.approve(FRONT), lambda project: project.reject(TURN, "2", "blurred")])
def test_a_decision_about_another_target_even_in_the_same_file_disturbs_no_build(
    built: Studio, act: Callable[[Project], object]
) -> None:
    second = candidates(built)[1]
    built.call("pick", NOD, "2")
    race = Race(built)
    assert race.paused()
    assert exit_code(forked(built, act)) == 0
    assert race.end()[0] == 0 and shown(built) == second
    assert built.call("build", "-q").code == 0
    assert built.call("check").code == 0


def test_what_is_written_by_hand_is_heeded_too_and_what_cannot_be_read_keeps_all_from_being_published(built: Studio) -> None:
    first = candidates(built)[0]
    built.call("approve", NOD, "1")
    approval = built.read(PICKS)
    built.call("pick", NOD, "2")
    picked = built.read(PICKS)
    for text, file in ((approval, PICKS), (approval, "specs/picks/elsewhere.yaml"), ("decisions: [", "specs/picks/half.yaml")):
        race = Race(built)
        assert race.paused()
        built.write(file, text)
        assert race.end()[0] == 1 and shown(built) == first, file
        (built.root / file).unlink()
        built.write(PICKS, picked)
        built.settle()


def test_twenty_decisions_at_once_beside_a_build_are_all_kept(built: Studio) -> None:
    built.exercise("many", *(f"description: many {number}, candidates: 2" for number in range(20)))
    assert built.call("build", "-q").code == 0
    with building(built) as process:
        pids = [forked(built, lambda project, number=number: project.pick(f"exercises/many/{number:02d}", "2"))  # type: ignore[misc]
                for number in range(1, 21)]
        assert [exit_code(pid) for pid in pids] == [0] * 20
        assert ended(process)[0] == 0
    assert decisions(built, "specs/picks/exercises/many.yaml") == [
        ("pick", f"exercises/many/{number:02d}") for number in range(1, 21)]
    done = built.call("build", "--json")
    assert done.code == 0 and sum(target["status"] == "cached" for target in done.json["targets"]) == 20


@pytest.mark.parametrize("point", ["atomic.staged", "atomic.renamed"])
def test_a_decision_killed_beside_a_build_holds_nobody_up(built: Studio, point: str) -> None:
    with building(built) as process:
        assert child(built, "pick", NOD, "2", first=at_point(point)) == KILLED
        assert built.call("pick", NOD, "3").code == 0 and process.poll() is None
        assert ended(process)[0] == 0
    assert decisions(built) == [("pick", NOD)]
    assert built.call("build", "-q").code == 0
    assert built.leftovers("specs", "content") == [] and shown(built) == candidates(built)[2]


@pytest.mark.parametrize("point", ["assets-staged", "asset-replaced", "assets-published", "manifest-staged", "manifest-replaced"])
def test_a_build_killed_while_nobody_may_decide_holds_no_decision_up(built: Studio, point: str) -> None:
    built.call("pick", NOD, "2")
    assert child(built, "build", first=at_point(point)) == KILLED
    assert built.call("pick", TURN, "2").code == 0
    assert built.call("build", "-q").code == 0 and built.call("check").code == 0
    assert shown(built) == candidates(built)[1] and shown(built, "nod_02") == candidates(built, TURN)[1]


def test_a_stopped_build_has_not_seen_what_was_decided_meanwhile(built: Studio) -> None:
    second = candidates(built)[1]
    with building(built) as process:
        assert built.call("pick", NOD, "2").code == 0
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
    assert built.call("build", "-q").code == 0 and shown(built) == second
    assert atomic.TEMP_PREFIX not in " ".join(built.files("specs"))
