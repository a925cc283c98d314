"""The scorer `pose` in a build: it orders candidates, keeps out wrong sides and limbs too many, and shows why on the sheet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kit import manifest_lines

import vitpose
from calotype.workers.judge.pose_scorer import Pose
from conftest import Space

MODULE = '''
"""Draws dots where the joints of the posture are: by the seed as asked, near it, of the other side, or with a third hand."""

from calotype.language.pose.posture import mirror
from calotype.workers.protocol import Estimate, Rendered

import vitpose


class Dotter:
    name = "dotter"
    epoch = 1

    def request(self, image):
        return {"renderer": "dotter", "epoch": 1, "seed": image.seed, "size": list(image.size), "posture": image.posture,
                "view": image.view, "side": image.side}

    def affinity(self, request):
        return ("dotter",)

    def estimate(self, request):
        return Estimate(0.001)

    def perform(self, batch, inputs, cancel):
        for index, request in enumerate(batch):
            what, posture = request["seed"] % 4, request["posture"]
            if what == 1:
                posture = mirror(posture)
            points = vitpose.asked(posture, request["view"], request["side"])
            if what == 3 and "right_wrist" in points:
                points["right_wrist"] = (points["right_wrist"][0] - 30, points["right_wrist"][1] + 60)
            yield Rendered(index, vitpose.dotted(points, {"left_wrist": (250, 560)} if what == 2 else None), {})
'''
CONFIG = """\
version: 1
renderer: dotter
base_seed: 1
defaults: {size: [896, 896], candidates: 4}
scoring: {models: {pose: {model: models/vitpose}}}
"""
SPEC = """\
kind: exercise
id: reach
region: shoulder
images:
  - view_angle: anterior
    body_position: standing
    description: an arm raised
    pose: {right: {shoulder_abduction: 150}, left: {hip_abduction: 25}}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dotter")
    info = folder / "calotype_dotter-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: calotype-dotter\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[calotype.renderers]\ndotter = calotype_dotter:Dotter\n")
    (folder / "calotype_dotter.py").write_text(MODULE)
    vitpose.dots_model(folder / "vitpose")
    return folder


@pytest.fixture
def reach(space: Space, site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Space]:
    monkeypatch.syspath_prepend(str(site))
    space.write("calotype.yaml", CONFIG)
    space.write("specs/exercises/shoulder/reach.yaml", SPEC)
    shutil.copytree(site / "vitpose", space.root / "models" / "vitpose")
    yield space


def line(space: Space) -> dict[str, Any]:
    return manifest_lines(space)["exercises/reach/01"]


def test_what_shows_another_side_or_a_third_hand_is_kept_out_and_the_nearest_pose_is_taken(reach: Space) -> None:
    built = reach.call("build")
    assert built.code == 0, built.err
    published = line(reach)
    by_seed = {each["seed"]: each for each in published["candidates"]}
    assert sorted(seed % 4 for seed in by_seed) == [0, 1, 2, 3]
    assert published["candidates"][published["pick"]["candidate"] - 1]["seed"] % 4 == 0
    outputs = [each["output"] for each in published["upstream"] if each["kind"] == "score"]
    assert sum("left and right are exchanged" in output for output in outputs) == 1
    assert sum("a third wrist" in output for output in outputs) == 1
    pose = {seed % 4: each["scores"].get("pose") for seed, each in by_seed.items()}
    assert pose[0] > pose[3] > pose[1]
    assert reach.call("build", "--json").json["up_to_date"] == 1


def test_the_page_shows_the_pose_found_over_the_picture(reach: Space) -> None:
    assert reach.call("build").code == 0
    page = (reach.root / "build" / "exercises" / "reach.html").read_text()
    shown = page[page.index('class="posed"'):]
    assert shown.count("<circle") >= 15 and 'class="found left"' in shown and 'class="asked right"' in shown
    assert 'viewBox="0 0 896 896"' in shown
    assert page.count("<svg") == 5, "the picture, and each of four candidates"


def test_the_poses_of_candidates_that_await_a_pick_are_shown(reach: Space) -> None:
    reach.edit("calotype.yaml", "candidates: 4", "candidates: 4, select: human")
    assert reach.call("build").code == 3
    page = reach.root / "build" / "exercises" / "reach.html"
    first = page.read_text()
    assert "technical, pose and text alone order; not here" in first
    assert first.count("<svg") == 4 and first.count('class="asked right"') >= 4 and 'class="posed"' not in first
    shutil.rmtree(reach.root / "build")
    assert reach.call("build").code == 3
    assert page.read_text() == first


def test_without_the_model_the_scorer_is_absent_and_nothing_is_kept_out(reach: Space) -> None:
    shutil.rmtree(reach.root / "models")
    built = reach.call("build", "--json")
    assert built.code == 0, built.err
    assert all("pose" not in each["scores"] for each in line(reach)["candidates"])
    page = (reach.root / "build" / "exercises" / "reach.html").read_text()
    assert "<svg" not in page


def test_a_close_up_before_it_hides_no_score_that_is_locked(reach: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    close_up = "  - {view_angle: close-up, body_position: standing, description: a hand, joints_shown: [wrist]}\n"
    reach.write("specs/exercises/shoulder/reach.yaml", SPEC.replace("images:\n", f"images:\n{close_up}"))
    assert reach.call("build").code == 0
    chosen = manifest_lines(reach)["exercises/reach/02"]["pick"]
    for folder in ("cache", "build", "models"):
        shutil.rmtree(reach.root / folder)
    monkeypatch.setattr(Pose, "unavailable_reason", lambda scorer: ("torch not installed", "pip install torch"))
    checked = reach.call("check", "--json")
    assert checked.code == 0, checked.out
    assert reach.call("build").code == 0 and manifest_lines(reach)["exercises/reach/02"]["pick"] == chosen


def test_a_scorer_without_its_model_orders_nothing_after_a_close_up_either(reach: Space) -> None:
    close_up = "  - {view_angle: close-up, body_position: standing, description: a hand, joints_shown: [wrist]}\n"
    reach.write("specs/exercises/shoulder/reach.yaml", SPEC.replace("images:\n", f"images:\n{close_up}"))
    shutil.rmtree(reach.root / "models")
    assert reach.call("build").code == 0
    assert "technical and text alone order" in reach.call("explain", "exercises/reach/02").out


def test_a_clone_without_the_facts_shows_no_pose_and_decides_alike(reach: Space, tmp_path: Path) -> None:
    assert reach.call("build").code == 0
    shutil.rmtree(reach.root / "cache")
    shutil.rmtree(reach.root / "build")
    shutil.rmtree(reach.root / "models")
    built = reach.call("build", "--json")
    assert built.code == 0 and json.loads(built.out)["renders"] == 0, built.err
    assert "<svg" not in (reach.root / "build" / "exercises" / "reach.html").read_text()
