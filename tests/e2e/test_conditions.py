"""Control maps from poses: drawn once, cached by their pixels, and part of what decides an image."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import kit
import pytest
from kit import manifest_lines, use_sketch
from PIL import Image

import vitpose
from conftest import Run, Space

REACH = "specs/exercises/shoulder/reach.yaml"
SPEC = """\
kind: exercise
id: reach
region: shoulder
images:
  - view_angle: lateral
    body_position: standing
    description: an arm raised
    pose: {right: {shoulder_flexion: 80}}
    controls: [{type: openpose, from: pose}, {type: depth, from: pose, strength: 0.4}]
"""


@pytest.fixture
def reach(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n")
    space.write(REACH, SPEC)
    return space


def build(space: Space, *words: str) -> Run:
    done = kit.build(space, *words)
    assert done.code == 0, done.err
    return done


def line(space: Space) -> dict[str, Any]:
    return manifest_lines(space)["exercises/reach/01"]


def test_maps_are_drawn_before_the_image_and_named_by_their_pixels(reach: Space) -> None:
    assert reach.call("plan", "--json").json["renders"] == 1
    assert build(reach).json["renders"] == 1
    controls = line(reach)["request"]["controls"]
    known = {one["action"]: one["output"] for one in line(reach)["upstream"] if one["kind"] == "condition"}
    assert [one["pixels"] for one in controls] == list(known.values())
    assert [one["strength"] for one in controls] == [1.0, 0.4]
    assert build(reach).json["up_to_date"] == 1


def own_picture(space: Space) -> str:
    data = io.BytesIO()
    Image.new("RGB", (64, 64), "orange").save(data, "PNG")
    return str(space.write("mine.png", data.getvalue()))


def test_a_picture_is_put_in_before_a_build_has_drawn_the_maps(reach: Space) -> None:
    done = reach.call("pick", "exercises/reach/01", own_picture(reach), "--json")
    assert (done.code, done.json["decision"]) == (0, "import"), done.out
    assert line(reach)["origin"] == "imported"
    assert reach.call("check", "--json").code == reach.call("check", "--full", "--json").code == 0
    again = build(reach)
    assert (again.json["renders"], again.json["actions"]["condition"], again.json["targets"]) == (0, 0, [])
    reach.remove("cache")
    assert build(reach).json["renders"] == 0


def test_not_so_where_a_detector_is_to_make_one_of_a_picture(reach: Space) -> None:
    reach.write("refs/arm.png", Path(own_picture(reach)).read_bytes())
    reach.write("calotype.yaml", reach.read("calotype.yaml") + "controlnets: {canny: {preprocessor: {low: 50, high: 150}}}\n")
    reach.edit(REACH, "{type: depth, from: pose, strength: 0.4}", "{type: canny, image: refs/arm.png}")
    done = reach.call("pick", "exercises/reach/01", own_picture(reach), "--json")
    assert (done.code, kit.codes(done)) == (2, ["not-rendered"]), done.out
    assert "`calotype build exercises/reach/01` does that" in done.json["diagnostics"][0]["hint"]
    assert not reach.files("cache/cas") and not reach.files("specs/picks")


def test_a_degree_of_the_pose_draws_the_maps_and_the_image_again(reach: Space) -> None:
    build(reach)
    before = [one["pixels"] for one in line(reach)["request"]["controls"]]
    reach.edit(REACH, "shoulder_flexion: 80", "shoulder_flexion: 95")
    assert build(reach).json["renders"] == 1
    after = [one["pixels"] for one in line(reach)["request"]["controls"]]
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_a_bare_clone_knows_the_maps_from_the_manifest(reach: Space) -> None:
    build(reach)
    shutil.rmtree(reach.root / "cache")
    shutil.rmtree(reach.root / "build")
    done = reach.call("check", "--json")
    assert (done.code, done.json["up_to_date"]) == (0, 1)
    assert build(reach).json["renders"] == 0


def test_gc_keeps_the_maps_that_images_are_asked_with(reach: Space) -> None:
    build(reach)
    assert reach.call("gc", "--json").json["blobs"] == 0


def test_a_scribble_of_the_pose_is_a_map_of_its_own(reach: Space) -> None:
    reach.write("calotype.yaml", "version: 1\nrenderer: sketch\ncontrolnets: {scribble: {model: some/scribble}}\n")
    build(reach)
    reach.edit(REACH, "type: depth", "type: scribble")
    assert build(reach).json["renders"] == 1
    assert build(reach).json["renders"] == 0


def test_a_map_that_a_pose_cannot_give_is_refused(reach: Space) -> None:
    reach.write("calotype.yaml", "version: 1\nrenderer: sketch\ncontrolnets: {mlsd: {model: some/mlsd}}\n")
    reach.edit(REACH, "type: depth", "type: mlsd")
    done = reach.call("build", "--json")
    assert (done.code, [one["code"] for one in done.json["diagnostics"]]) == (2, ["control-from-pose"])
    assert done.json["diagnostics"][0]["line"] == 9


def test_the_mannequin_reads_no_controls_and_draws_no_maps(reach: Space) -> None:
    reach.edit("calotype.yaml", "renderer: sketch", "renderer: mannequin")
    build(reach)
    assert line(reach)["upstream"] == []


def test_the_figure_of_a_picture_leads_by_vitpose(reach: Space) -> None:
    """The map is that of the figure, drawn once; other weights draw it again, and weights that are not there are named."""
    vitpose.dots_model(reach.root / "models" / "vitpose")
    vitpose.dotted(vitpose.asked({"base": "standing"}, "anterior")).save(reach.root / "photo.png")
    reach.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n"
                "controlnets: {openpose: {preprocessor: {name: vitpose, model: models/vitpose}}}\n")
    reach.edit(REACH, "[{type: openpose, from: pose}, {type: depth, from: pose, strength: 0.4}]",
               "[{type: openpose, image: photo.png}]")
    build(reach)
    [upstream] = line(reach)["upstream"]
    assert upstream["kind"] == "condition"
    before = upstream["output"]
    assert build(reach).json["up_to_date"] == 1
    vitpose.random_model(reach.root / "models" / "vitpose")
    build(reach)
    assert [each["output"] for each in line(reach)["upstream"]] != [before]
    shutil.rmtree(reach.root / "models")
    reach.edit(REACH, "view_angle: lateral", "view_angle: anterior")
    reach.edit("calotype.yaml", ", model: models/vitpose", "")
    refused = reach.call("build")
    assert refused.code != 0 and "usyd-community/vitpose-base-simple" in refused.err
