"""Two builds at once, ^C, failing renderers: what is finished is kept, nothing is done twice, nothing false is kept."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kit import walk_spec

from conftest import CALOTYPE
from survival import Studio, studio

__all__ = ["studio"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows sends no signal to one process")


def start(studio: Studio, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(CALOTYPE), "build", *words], cwd=studio.root, env={**os.environ, "CALOTYPE_PAINTER": str(studio.notes)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(holds: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.01)


def ends(process: subprocess.Popen[str], within: float = 20) -> tuple[int, str, str]:
    began = time.monotonic()
    try:
        out, err = process.communicate(timeout=within)
    finally:
        process.kill()
        process.wait()
    assert time.monotonic() - began < within
    assert "Traceback" not in err
    return process.returncode, out, err


def test_two_builds_at_once_render_nothing_twice_and_the_second_says_that_it_waits(studio: Studio) -> None:
    studio.exercise("chin", *(f"description: chin {n}" for n in range(8)))
    studio.order(everything={"seconds": 0.1})
    first = start(studio, "--json", "-j", "1")
    until(lambda: studio.painted)
    second = start(studio, "--json")
    (code, out, _), (other, waited, said) = ends(first), ends(second)
    assert (code, other) == (0, 0)
    assert json.loads(out)["renders"] == 8 and json.loads(waited)["renders"] == 0
    assert json.loads(waited)["up_to_date"] == 8
    assert f"another build is at work here (process {first.pid}): waiting" in said
    assert len(studio.painted) == 8
    assert studio.content() == studio.clean().content()


def test_many_builds_at_once_end_well(studio: Studio) -> None:
    for name in ("chin", "calf", "hip"):
        studio.exercise(name, *(f"description: {name} {n}" for n in range(4)), region=name)
    builds = [start(studio, "--json") for _ in range(4)]
    ended = [ends(one) for one in builds]
    assert [code for code, _, _ in ended] == [0] * 4
    assert sum(json.loads(out)["renders"] for _, out, _ in ended) == len(studio.painted) == 12
    assert studio.repeated == 0
    assert studio.call("check").code == 0
    assert studio.leftovers("content", "build") == []


def test_what_is_edited_while_a_build_waits_is_built_when_its_turn_comes(studio: Studio) -> None:
    """The look it took before it waited is of another time."""
    studio.exercise("chin", "description: first")
    assert studio.call("build").code == 0
    studio.settle()
    assert studio.call("build").code == 0
    studio.exercise("calf", "description: slow", region="ankle")
    studio.order(slow={"seconds": 1.5})
    first = start(studio)
    until(lambda: len(studio.painted) == 2)
    second = start(studio, "--json")
    time.sleep(0.6)
    studio.exercise("chin", "description: second")
    assert ends(first)[0] == 0
    code, out, _ = ends(second)
    assert code == 0 and json.loads(out)["renders"] == 1
    assert studio.call("check").code == 0


def test_a_build_that_waits_is_interrupted_at_once(studio: Studio) -> None:
    studio.exercise("chin", "description: slow")
    studio.order(slow={"seconds": 20})
    first = start(studio)
    until(lambda: studio.painted)
    second = start(studio)
    assert second.stderr is not None
    while "waiting" not in second.stderr.readline():
        pass
    second.send_signal(signal.SIGINT)
    assert ends(second, within=10)[0] == 130
    first.kill()
    ends(first)


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_keeps_what_is_finished(studio: Studio, number: signal.Signals, jobs: str) -> None:
    studio.exercise("chin", *(f"description: chin {n}" for n in range(30)))
    studio.order(everything={"seconds": 0.1})
    build = start(studio, "--json", "-j", jobs)
    until(lambda: len(studio.painted) >= 5)
    build.send_signal(number)
    code, out, err = ends(build, within=10)
    assert code == 130 and "once more to stop at once" in err
    assert json.loads(out)["renders"] == len(studio.painted) == len(studio.keys())
    studio.order()
    assert studio.call("build").code == 0
    assert len(studio.painted) == 30 and studio.repeated == 0
    assert studio.content() == studio.clean().content()


def test_a_second_interrupt_ends_a_renderer_that_does_not_listen(studio: Studio) -> None:
    studio.exercise("chin", "description: quick", "description: endless")
    studio.order(endless={"seconds": 60})
    build = start(studio, "-j", "1")
    until(lambda: len(studio.painted) == 2)
    build.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert build.poll() is None
    build.send_signal(signal.SIGINT)
    code, _, err = ends(build, within=10)
    assert code == 130 and "what was finished is kept" in err
    studio.order()
    assert studio.call("build").code == 0
    assert studio.leftovers("content", "build") == []
    assert studio.content() == studio.clean().content()


def test_an_interrupted_build_publishes_whole_files_and_check_says_what_is_missing(studio: Studio) -> None:
    studio.exercise("chin", *(f"description: chin {n}" for n in range(10)))
    studio.order(everything={"seconds": 0.1})
    build = start(studio, "-j", "1")
    until(lambda: len(studio.painted) >= 3)
    build.send_signal(signal.SIGINT)
    assert ends(build)[0] == 130
    found = studio.call("check", "--json")
    assert found.code == 1 and set(found.statuses.values()) <= {"missing", "stale"}


WALK = walk_spec("good", "bad", "good")


@pytest.fixture
def broken(studio: Studio) -> Iterator[Studio]:
    """Three specs of three images and a chain; `bad` images are in the middle of the first spec and of the chain."""
    studio.exercise("one", "description: good 1", "description: bad 2", "description: good 3")
    studio.exercise("two", "description: good 4", "description: good 5", region="hip")
    studio.write("specs/scenes/walk.yaml", WALK)
    yield studio


MANNERS = {
    "fail": "no paint",
    "raise": "the renderer `painter` failed: RuntimeError: the brush broke",
    "exit": "the renderer `painter` failed: SystemExit: 7",
    "garbage": "gave a `str` where a Rendered or a Failure was due",
    "none": "gave a `NoneType` where a Rendered or a Failure was due",
    "no pixels": "gave a `bytes` where a picture was due",
    "nan size": "the renderer `painter`",
    "empty": "the renderer `painter`",
    "floats": "gave a picture of mode F",
    "nan facts": "gave facts that are not JSON",
    "wrong index": "answered request 1000 of a batch",
}


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("manner", MANNERS)
def test_a_failure_stops_what_starts_from_it_and_nothing_else(broken: Studio, manner: str, jobs: str) -> None:
    broken.order(bad={"do": manner})
    done = broken.call("build", "--json", "-j", jobs)
    assert done.code == 1
    assert done.statuses == {
        "exercises/one/01": "rendered", "exercises/one/02": "failed", "exercises/one/03": "rendered",
        "exercises/two/01": "rendered", "exercises/two/02": "rendered",
        "scenes/walk/a": "rendered", "scenes/walk/b": "failed", "scenes/walk/c": "skipped"}
    assert done.json["renders"] == 5 == len(broken.keys())
    told = [one["message"] for one in done.json["diagnostics"]]
    assert any(MANNERS[manner] in one for one in told), told
    assert all("Traceback" not in one for one in told)
    again = broken.call("build", "--json", "-j", jobs)
    assert again.code == 1 and again.json["up_to_date"] == 5
    broken.order()
    mended = broken.call("build", "--json")
    assert mended.code == 0 and mended.statuses["scenes/walk/c"] == "rendered"
    assert broken.content() == broken.clean().content()


def test_check_and_plan_go_on_to_ask_for_what_failed(broken: Studio) -> None:
    broken.order(bad={"do": "fail"})
    assert "hint: buy some" in broken.call("build").err
    found = broken.call("check", "--json")
    assert found.code == 1
    assert found.statuses == dict.fromkeys(("exercises/one/02", "scenes/walk/b", "scenes/walk/c"), "missing")
    assert broken.call("plan", "--json").json["renders"] == 3


def test_a_failure_that_replaces_a_published_image_leaves_it_in_its_place(broken: Studio) -> None:
    assert broken.call("build").code == 0
    before = broken.content()
    broken.edit("specs/exercises/one.yaml", "bad 2", "bad 2, seed: 7")
    broken.order(bad={"do": "fail"})
    assert broken.call("build").code == 1
    assert broken.content() == before
    assert broken.call("check", "--json").statuses == {"exercises/one/02": "stale"}


def test_fail_fast_starts_nothing_after_the_first_failure(studio: Studio) -> None:
    studio.exercise("one", "description: bad", *(f"description: good {n}" for n in range(100)))
    studio.order(bad={"do": "fail"})
    done = studio.call("build", "--json", "--fail-fast", "-j", "1")
    assert done.code == 1 and done.json["failed"] == 1
    assert len(studio.painted) <= 40
    assert "skipped" in done.statuses.values()
    kept = len(studio.keys())
    assert kept == len(studio.painted) - 1
    studio.order()
    assert studio.call("build").code == 0
    assert len(studio.painted) == 102 and studio.repeated == 1


def test_the_log_of_a_build_holds_the_traceback_that_nobody_is_shown(broken: Studio) -> None:
    broken.order(bad={"do": "raise"})
    done = broken.call("build", "-j", "1")
    assert "the brush broke" in done.err and "painter.py" not in done.err
    (log,) = (broken.root / "build/logs").glob("*.jsonl")
    events = [json.loads(line) for line in log.read_text().splitlines()]
    failures = [one for one in events if one["event"] == "action.failed"]
    assert failures and all("painter.py" in one["traceback"] for one in failures if "brush" in one["message"])
    assert Path(log).stat().st_size < 100_000
