"""Maps and scores are actions as renders are: in batches beside them, with events, kept one by one, stopped at once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sketch
from kit import nod_spec, use_sketch

from calotype.language.action import render_action
from calotype.store.action_cache import ActionCache
from calotype.store.cas import Cas
from calotype.workers.condition import pose
from calotype.workers.judge import technical
from conftest import CALOTYPE, Space

NOD = "specs/exercises/neck/nod.yaml"
MAPS = "controls: [{type: openpose, from: pose}, {type: depth, from: pose}, {type: canny, from: pose}]"
SLOW = sketch.MODULE.replace("    epoch = EPOCH\n", '    epoch = EPOCH\n    lane = "device"\n').replace(
    "            yield Rendered", "            __import__('time').sleep(0.05)\n            yield Rendered")
"""A renderer on a device of its own, which takes 0.05 s for a picture."""


@pytest.fixture
def sketched(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    """A project whose renderer reads control maps."""
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n")
    return space


@pytest.fixture
def slow(space: Space, tmp_path: Path) -> Space:
    """A project whose renderer keeps a device busy, in processes of their own."""
    module = sketch.install(tmp_path / "site")
    module.write_text(SLOW)
    space.env["PYTHONPATH"] = str(module.parent)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [256, 256]}\n")
    return space


def angles(count: int) -> list[str]:
    """Images that share no map."""
    return [f"pose: {{right: {{shoulder_flexion: {number}}}}}, {MAPS}" for number in range(count)]


def events(space: Space) -> list[dict[str, Any]]:
    """Those of the last build that did something."""
    log = sorted((space.root / "build/logs").glob("*.jsonl"))[-1]
    return [json.loads(line) for line in log.read_text().splitlines()]


def performed(space: Space) -> dict[str, int]:
    counts: dict[str, int] = space.call("build", "--json").json["actions"]
    return counts


def test_every_kind_is_counted_as_the_plan_said(sketched: Space) -> None:
    sketched.write(NOD, nod_spec("nod", f"candidates: 2, {MAPS}", "seed: 5"))
    planned = sketched.call("plan", "--json").json
    assert planned["actions"] == {"condition": 3, "render": 3, "score": 2} and planned["renders"] == 3
    assert planned["estimate"]["seconds"] > 0 and planned["estimate"]["currency"] == "USD"
    done = sketched.call("build", "--json").json
    assert done["actions"] == planned["actions"] and done["estimate"] == planned["estimate"]
    assert performed(sketched) == {"condition": 0, "render": 0, "score": 0}
    assert sketched.call("check", "--json").json["actions"] == {"condition": 0, "render": 0, "score": 0}
    kinds = Counter(event["action"] for event in events(sketched) if event["event"] == "action.finished")
    assert kinds == {"condition": 3, "render": 3, "score": 2}


def test_renders_begin_while_maps_are_drawn(sketched: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last image's maps are drawn only when a first picture is rendered: a build that first drew all would wait."""
    import calotype_sketch

    draw, perform, rendered, in_time = pose.draw, calotype_sketch.Sketch.perform, threading.Event(), []

    def draw_the_last_late(request: Any) -> Any:
        if '"shoulder_flexion": 11' in json.dumps(request["posture"]):
            in_time.append(rendered.wait(60))
        return draw(request)

    def tell_of_the_first(*batch: Any) -> Iterator[Any]:
        for picture in perform(*batch):
            yield picture
            rendered.set()

    monkeypatch.setattr(pose, "draw", draw_the_last_late)
    monkeypatch.setattr(calotype_sketch.Sketch, "perform", tell_of_the_first)
    monkeypatch.setattr(calotype_sketch.Sketch, "lane", "device", raising=False)
    sketched.write(NOD, nod_spec("nod", *angles(12)))
    done = sketched.call("build", "--json", "-j", "2")
    assert done.code == 0 and done.json["actions"] == {"condition": 36, "render": 12, "score": 0}, done.err
    assert done.err.splitlines()[0].startswith("12 images to render, 36 maps to draw")
    assert in_time == [True] * 3, "all maps were drawn before the first render"
    order = [(event["event"], event.get("action")) for event in events(sketched)]
    first_render = order.index(("action.finished", "render"))
    assert order[first_render:].count(("action.finished", "condition")) >= 3


def test_an_interrupt_amid_the_maps_is_obeyed_at_once_and_keeps_what_was_drawn(slow: Space) -> None:
    slow.write(NOD, nod_spec("nod", *angles(40)))
    began = time.monotonic()
    build = subprocess.Popen([str(CALOTYPE), "build", "--json"], cwd=slow.root, env={**os.environ, **slow.env},
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert build.stderr is not None
    assert build.stderr.readline().startswith("40 images to render, 120 maps to draw")
    while not list(slow.root.glob("cache/cas/*/*")) and time.monotonic() < began + 30:
        time.sleep(0.01)
    asked = time.monotonic()
    build.send_signal(signal.SIGINT)
    out, err = build.communicate(timeout=30)
    assert time.monotonic() - asked < 2 and build.returncode == 130, err
    drawn = json.loads(out)["actions"]["condition"]
    assert 0 < drawn < 120
    assert slow.run("plan", "--json").json["actions"]["condition"] == 120 - drawn


def test_a_map_that_cannot_be_drawn_fails_its_targets_alone(
    sketched: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = pose.draw

    def choosy(request: Any) -> Any:
        if "shoulder_flexion" in json.dumps(request["posture"]) and request["type"] == "depth":
            raise RuntimeError("no depth today")
        return draw(request)

    monkeypatch.setattr(pose, "draw", choosy)
    sketched.write(NOD, nod_spec("nod", *angles(2)[1:], "seed: 5", "seed: 6, candidates: 2"))
    done = sketched.call("build", "--json")
    assert (done.code, done.json["failed"], done.json["renders"]) == (1, 1, 3)
    assert done.statuses["exercises/nod/01"] == "failed" and done.statuses["exercises/nod/03"] == "rendered"
    [problem] = [one for one in done.json["diagnostics"] if one["severity"] == "error"]
    assert problem["code"] == "condition-failed" and "no depth today" in problem["message"]
    monkeypatch.setattr(pose, "draw", draw)
    done = sketched.call("build", "--json")
    assert (done.code, done.json["renders"]) == (0, 1)


def test_a_scorer_that_raises_fails_its_targets_alone_and_keeps_the_renders(
    sketched: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(image: Any, index: int = 0) -> Any:
        raise RuntimeError("cannot judge")

    score = technical.score
    monkeypatch.setattr(technical, "score", broken)
    sketched.write(NOD, nod_spec("nod", "candidates: 2", "seed: 5"))
    done = sketched.call("build", "--json")
    assert (done.code, done.json["renders"]) == (1, 3)
    assert done.statuses == {"exercises/nod/01": "failed", "exercises/nod/02": "rendered"}
    assert {one["code"] for one in done.json["diagnostics"]} == {"score-failed"}
    monkeypatch.setattr(technical, "score", score)
    plan = sketched.call("plan", "--json")
    assert plan.json["renders"] == 0 and plan.statuses == {"exercises/nod/01": "cached"}
    assert performed(sketched) == {"condition": 0, "render": 0, "score": 2}


@pytest.fixture
def unscored(sketched: Space) -> Space:
    """Twenty candidates, rendered and not scored."""
    sketched.write(NOD, nod_spec("nod", "candidates: 20, select: human"))
    assert sketched.call("build").code == 3
    sketched.edit(NOD, "select: human", "select: best")
    return sketched


def test_who_only_asks_calls_no_scorer_and_moves_no_blob(unscored: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    monkeypatch.setattr(technical.Technical, "perform", lambda *_: calls.update(["score"]))
    monkeypatch.setattr(Cas, "_put_aside", lambda *_: calls.update(["move"]))
    blob = next((unscored.root / "cache/cas").glob("??/*"))
    blob.write_bytes(b"damaged")
    for words in (["plan"], ["check"], ["list"], ["explain", "exercises/nod/01"], ["build", "--dry-run"]):
        unscored.call(*words)
    assert not calls
    plan = unscored.call("plan", "--json").json
    assert plan["actions"] == {"condition": 0, "render": 0, "score": 20}
    assert [one["reason"] for one in plan["targets"]] == ["new; the same request was rendered before"]


def test_a_damaged_candidate_is_rendered_again_before_it_is_scored(unscored: Space) -> None:
    blob = next((unscored.root / "cache/cas").glob("??/*"))
    blob.write_bytes(b"damaged")
    done = unscored.call("build", "--json")
    assert done.code == 0, done.out + done.err
    assert done.json["actions"] == {"condition": 0, "render": 1, "score": 20}


def another_machines_maps(space: Space) -> None:
    """The manifest tells maps, and pictures made with them, that differ from what is drawn here."""
    file = "content/manifest/exercises/neck.jsonl"
    lines = [json.loads(line) for line in space.read(file).splitlines()]
    for line in lines:
        for upstream, control in zip(line["upstream"], line["request"]["controls"], strict=True):
            assert upstream["output"] == control["pixels"]
            upstream["output"] = control["pixels"] = f"{upstream['output'][:-4]}beef"
        line["action"] = line["candidates"][0]["action"] = render_action(line["request"]).key
    space.write(file, "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))


def test_another_machines_map_counts_until_a_picture_must_be_rendered_with_it(sketched: Space) -> None:
    sketched.write(NOD, nod_spec("nod", MAPS, f"seed: 9, {MAPS}"))
    assert sketched.call("build").code == 0
    another_machines_maps(sketched)
    for folder in ("cache", "build"):
        shutil.rmtree(sketched.root / folder)
    assert sketched.call("check").code == 0
    sketched.edit(NOD, "seed: 9", "seed: 10")
    assert sketched.call("plan", "--json").json["renders"] == 1
    done = sketched.call("build", "--json")
    assert (done.code, done.json["renders"]) == (0, 1), done.out + done.err
    assert done.json["actions"]["condition"] == 3
    assert sketched.call("build", "--json").json["up_to_date"] == 2
    (sketched.root / "cache/state/record").unlink()
    assert sketched.call("build", "--json").json["up_to_date"] == 2
    assert sketched.call("check").code == 0


@pytest.fixture
def keys(sketched: Space) -> Iterator[Any]:
    def read() -> set[str]:
        path = sketched.root / "cache/actions.db"
        if not path.exists():
            return set()
        cache = ActionCache(path)
        try:
            return set(cache.keys())
        finally:
            cache.close()

    yield read


@pytest.mark.parametrize("passing", [1, 2, 3])
@pytest.mark.parametrize("point", ["blobs-written", "blobs-durable", "results-durable"])
def test_a_kill_amid_maps_renders_or_scores_repeats_nothing_that_was_durable(
    sketched: Space, keys: Any, point: str, passing: int
) -> None:
    sketched.write(NOD, nod_spec("nod", f"candidates: 2, {MAPS}"))
    killed = sketched.run("build", env={"CALOTYPE_KILL_AT": f"{point}:{passing}"})
    assert killed.code == -signal.SIGKILL
    durable = keys()
    assert bool(durable) == (passing > 1 or point == "results-durable")
    done = sketched.call("build", "--json")
    assert done.code == 0, done.out + done.err
    started = {event["key"] for event in events(sketched) if event["event"] == "action.started"}
    assert not started & durable and len(started | durable) == 7
    assert sketched.call("check").code == 0
