"""The executor `processes`: what the local one gives, and what ends a worker's process ends nothing else."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from calotype.actions.registry import encoder
from calotype.ground.images import pixels_of
from calotype.language.condition import from_picture, from_pose
from calotype.workers.execute.local import LocalExecutor
from calotype.workers.execute.processes import ProcessesExecutor
from calotype.workers.plugins import Registry
from calotype.workers.protocol import WorkerRef, lane_of
from calotype.workers.work import Failed, Made, Stopped, Work
from conftest import CALOTYPE, Space
from survival import Studio, studio

__all__ = ["studio"]
ENCODE = encoder("full")
PROCESSES = ("--executor", "processes", "-j", "2")
MANNEQUIN = {
    "renderer": "mannequin", "epoch": 1, "seed": 1, "size": [64, 64], "drawing": "line", "view": "lateral",
    "side": "right", "position": "standing", "posture": {"base": "standing"}, "muscles": [], "joints": [],
}


@pytest.fixture
def painted(studio: Studio) -> Iterator[Studio]:
    """Two specs of three images each, and no process of a painter left behind at the end."""
    for name in ("one", "two"):
        studio.exercise(name, *(f"description: {name} {word}" for word in ("red", "green", "blue")))
    yield studio
    assert wait_for(lambda: not alive(studio))


def painting(studio: Studio, *descriptions: str) -> list[dict[str, Any]]:
    """Requests of the painter's, as the image of each description has them."""
    return [{"renderer": "painter", "epoch": 1, "seed": 1, "size": [16, 16], "prompt": text} for text in descriptions]


def batches(*works: Work) -> Any:
    pending = iter(works)
    return lambda place: next(pending, None)


def run(*works: Work, jobs: int = 2, **options: Any) -> list[Any]:
    running = ProcessesExecutor().run(batches(*works), ENCODE, jobs, **options)
    with closing(running):
        return sorted(running, key=lambda answer: answer.node)


def workers_of(studio: Studio) -> set[int]:
    """The processes that the painter painted in."""
    file = studio.notes / "painted"
    return {int(line.split()[0]) for line in file.read_text().splitlines()} if file.exists() else set()


def alive(studio: Studio) -> set[int]:
    return {number for number in workers_of(studio) if number != os.getpid() and Path(f"/proc/{number}").exists()}


def wait_for(condition: Any, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def started(studio: Studio, *words: str) -> subprocess.Popen[str]:
    """A build in a process of its own, with a picture in work in each of two workers."""
    env = {**os.environ, "CALOTYPE_PAINTER": str(studio.notes)}
    build = subprocess.Popen([CALOTYPE, "build", *PROCESSES, *words], cwd=studio.root, env=env, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert wait_for(lambda: len(alive(studio)) == 2, 30)
    return build


def test_every_batch_crosses_to_another_process_as_it_is(tmp_path: Path) -> None:
    registry = Registry()
    posture, pixels = {"base": "standing"}, "ab" * 32
    drawn = from_pose("depth", posture, "lateral", "right", (64, 64), [], "model")
    edges = from_picture("canny", pixels, (64, 64), {"name": "canny", "low": 1, "high": 2})
    for group, name, request in (
        ("renderer", "mannequin", MANNEQUIN), ("renderer", "sdxl", {"renderer": "sdxl", "models": {"base": pixels}}),
        ("scorer", "technical", {"scorer": "technical", "epoch": 1, "pixels": pixels}),
        ("conditioner", "pose", json.loads(drawn.components)), ("conditioner", "canny", json.loads(edges.components)),
    ):
        worker = registry.find(group, name)  # type: ignore[arg-type]
        reference = WorkerRef.of(group, worker, {"device": "cpu", "memory": "low"})  # type: ignore[arg-type]
        work = Work(reference, [3], [request], {pixels: tmp_path / "picture.png"}, lane_of(worker))
        assert pickle.loads(pickle.dumps(work)) == work
        assert hash(reference) == hash(pickle.loads(pickle.dumps(reference)))
        assert reference.options == {"device": "cpu", "memory": "low"}
    crossed = pickle.loads(pickle.dumps(ENCODE))
    assert (crossed.func, crossed.args) == (ENCODE.func, ENCODE.args)


def test_maps_and_scores_are_performed_as_renders_are(tmp_path: Path) -> None:
    registry = Registry()
    drawn = json.loads(from_pose("depth", {"base": "standing"}, "lateral", "right", (64, 64), [], "model").components)
    reference = WorkerRef.of("conditioner", registry.conditioner("pose"), {})
    works = Work(reference, [0], [drawn]), Work(WorkerRef("renderer", "mannequin", 1), [1], [MANNEQUIN])
    here = {answer.node: answer for answer in LocalExecutor().run(batches(*works), shown)}
    there = {answer.node: answer for answer in ProcessesExecutor().run(batches(*works), shown, 2)}
    assert {node: answer.value for node, answer in here.items()} == {node: answer.value for node, answer in there.items()}


def shown(request: Any, outcome: Any) -> tuple[str, bytes]:
    return outcome.pixels.mode, outcome.pixels.tobytes()


def test_a_build_of_the_mannequin_is_that_of_the_local_executor_byte_for_byte(space: Space, tmp_path: Path) -> None:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64], candidates: 2}\n")
    for number in range(3):
        space.write(f"specs/exercises/neck/nod_{number}.yaml", f"""
kind: exercise
id: nod_{number}
region: neck
images:
  - {{view_angle: lateral, body_position: seated, description: chin tucked, alt: A person sits upright., seed: {number + 1}0}}
  - {{view_angle: anterior, body_position: seated, description: chin tucked, alt: A person sits upright., seed: {number + 1}0}}
""")
    other = Space(tmp_path / "other")
    other.root.mkdir()
    for file in ("calotype.yaml", *space.files("specs")):
        other.write(file, space.read(file))
    done, elsewhere = space.run("build", "--json"), other.run("build", "--json", *PROCESSES)
    assert (done.code, elsewhere.code) == (0, 0)
    assert done.json["renders"] == elsewhere.json["renders"] == 12
    assert contents(space) == contents(other)


def contents(space: Space) -> dict[str, bytes]:
    return {name: (space.root / name).read_bytes() for name in space.files("content")}


def test_a_build_of_a_plug_in_is_that_of_the_local_executor_byte_for_byte(painted: Studio) -> None:
    clean = painted.clean()
    done = painted.call("build", "--json", *PROCESSES)
    assert (done.code, done.json["renders"]) == (0, 6)
    assert painted.content() == clean.content()
    assert os.getpid() not in workers_of(painted) and painted.repeated == 0
    assert painted.call("build", "--json", *PROCESSES).json["up_to_date"] == 6


def test_what_a_worker_prints_reaches_no_output_of_ours_and_its_events_do(painted: Studio) -> None:
    painted.order(everything={"say": "hello from the painter"})
    done = painted.run("build", "--json", *PROCESSES, env={"CALOTYPE_PAINTER": str(painted.notes)})
    assert done.code == 0 and json.loads(done.out)["renders"] == 6
    assert "hello" not in done.out
    [log] = painted.files("build/logs")
    notes = [line for line in map(json.loads, painted.read(log).splitlines()) if line["event"] == "note"]
    assert [line["message"] for line in notes] == ["hello from the painter"] * 6


def test_a_process_that_is_killed_loses_only_what_it_had_not_answered(painted: Studio) -> None:
    painted.order(green={"deaths": 2})
    done = painted.call("build", "--json", *PROCESSES)
    assert (done.code, done.json["renders"], done.json["failed"]) == (0, 6, 0)
    painted.order()
    assert painted.content() == painted.clean().content()
    assert max(Counter(painted.painted).values()) <= 3
    assert len(workers_of(painted)) == 4  # two, and one in the place of each that died


def test_a_request_that_ends_every_process_fails_alone_with_a_message(painted: Studio) -> None:
    painted.order(green={"deaths": 99})
    done = painted.call("build", "--json", *PROCESSES)
    assert (done.code, done.json["renders"], done.json["failed"]) == (1, 4, 2)
    failures = [told for told in done.json["diagnostics"] if told["severity"] == "error"]
    assert len(failures) == 2
    for told in failures:
        assert "the process of the renderer `painter` was ended by signal 9 (3 times)" in told["message"]
        assert "-j 1" in told["hint"]


def test_a_worker_that_ends_every_process_is_not_tried_for_ever(studio: Studio) -> None:
    studio.order(everything={"deaths": 99})
    os.environ["CALOTYPE_PAINTER"] = str(studio.notes)
    requests = painting(studio, *(f"picture {number}" for number in range(40)))
    answers = run(Work(WorkerRef("renderer", "painter", 1), range(40), requests), jobs=1)
    assert [type(answer) for answer in answers] == [Failed] * 40
    assert len(workers_of(studio)) <= 12


def test_a_worker_that_is_missing_in_the_process_is_named() -> None:
    [answer] = run(Work(WorkerRef("scorer", "tecnical", 1), [0], [{}]))
    assert answer.message == "there is no scorer `tecnical`" and "did you mean `technical`?" in answer.hint


def test_a_cancel_ends_a_worker_that_does_not_look(studio: Studio) -> None:
    studio.order(everything={"seconds": 60})
    os.environ["CALOTYPE_PAINTER"] = str(studio.notes)
    begun = []

    def cancel() -> bool:
        if not begun and workers_of(studio):
            begun.append(time.monotonic())
        return bool(begun)

    requests = painting(studio, "red", "green")
    answers = run(Work(WorkerRef("renderer", "painter", 1), [0, 1], requests), jobs=1, cancel=cancel)
    assert [type(answer) for answer in answers] == [Stopped, Stopped]
    assert time.monotonic() - begun[0] < 2.5
    assert wait_for(lambda: not alive(studio))


def test_an_interrupt_ends_a_build_and_its_processes_at_once(painted: Studio) -> None:
    painted.order(everything={"seconds": 60})
    build = started(painted)
    since = time.monotonic()
    os.kill(build.pid, signal.SIGINT)
    _, errors = build.communicate(timeout=20)
    assert build.returncode == 130, errors
    assert time.monotonic() - since < 4
    assert wait_for(lambda: not alive(painted), 2)


def test_no_process_outlives_a_build_that_is_killed(painted: Studio) -> None:
    painted.order(everything={"seconds": 60})
    build = started(painted)
    build.kill()
    build.communicate(timeout=20)
    assert wait_for(lambda: not alive(painted), 2)
    painted.order()
    assert painted.call("build", "--json", *PROCESSES).json["renders"] == 6


def test_a_consumer_that_gives_up_leaves_no_process_behind(studio: Studio) -> None:
    os.environ["CALOTYPE_PAINTER"] = str(studio.notes)
    requests = painting(studio, *(f"picture {number}" for number in range(20)))
    work = Work(WorkerRef("renderer", "painter", 1), range(20), requests)
    with closing(ProcessesExecutor().run(batches(work), ENCODE, 2)) as answers:
        assert type(next(answers)) is Made
    assert workers_of(studio) and wait_for(lambda: not alive(studio), 2)


def test_an_unknown_executor_is_refused_before_anything_is_done(painted: Studio) -> None:
    done = painted.call("build", "--json", "--executor", "proceses")
    assert done.code == 2 and not painted.files("content")
    [told] = done.json["diagnostics"]
    assert told["code"] == "unknown-executor" and "did you mean `processes`?" in told["hint"]


def test_a_picture_that_does_not_fit_a_pipe_s_buffer_crosses_whole(studio: Studio) -> None:
    studio.order(everything={"do": "noise"})
    os.environ["CALOTYPE_PAINTER"] = str(studio.notes)
    [request] = painting(studio, "red")
    [answer] = run(Work(WorkerRef("renderer", "painter", 1), [0], [{**request, "size": [512, 512]}]))
    assert len(answer.value.data) > 10 * 65536
    assert pixels_of(answer.value.data) == answer.value.outputs["pixels"]
