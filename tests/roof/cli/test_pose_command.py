"""`calotype pose`: a pose file, a name, a target or another editor's keypoints, drawn and told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image, ImageChops

from calotype import Project
from calotype.queries.pose_drawing import PoseOptions
from conftest import Run, Space

REACH = "base: standing\nleft: {shoulder_flexion: 90}\n"
SPEC = """kind: exercise
id: reach
region: shoulder
title: Reach
images:
  - view_angle: lateral
    body_position: standing
    description: the left arm reaches forward
    pose: reach
    side: left
    alt: Somebody reaches forward.
    size: [64, 96]
  - view_angle: anterior
    body_position: standing
    description: the arms hang
    joints_shown: [shoulder]
"""
MAPS = ["openpose.png", "depth.png", "canny.png", "lineart.png", "scribble.png", "segmentation.png"]
ALL = ["drawing.png", *MAPS, "keypoints.json"]


@pytest.fixture
def project(space: Space) -> Space:
    space.write("specs/poses/reach.yaml", REACH)
    space.write("specs/exercises/shoulder/reach.yaml", SPEC)
    return space


@pytest.fixture
def nowhere(tmp_path: Path) -> Space:
    """A folder with a pose, outside any project."""
    space = Space(tmp_path / "nowhere")
    space.write("reach.yaml", REACH)
    return space


def opened(space: Space, path: str) -> Image.Image:
    with Image.open(space.root / path) as picture:
        picture.load()
        return picture


def only(done: Run) -> dict[str, Any]:
    assert done.code == 0, done.err
    (one,) = done.json["diagnostics"]
    return dict(one)


def refused(done: Run) -> dict[str, Any]:
    assert done.code == 2
    (one,) = done.json["diagnostics"]
    return dict(one)


def test_a_pose_file_is_drawn_with_every_map_of_the_size_asked(project: Space) -> None:
    done = project.call("pose", "specs/poses/reach.yaml", "--maps", "--view", "lateral", "--size", "64x96", "-o", "out")
    assert done.code == 0 and done.err == ""
    assert project.files("out") == sorted(f"out/{name}" for name in ALL)
    assert {opened(project, f"out/{name}").size for name in ALL if name.endswith(".png")} == {(64, 96)}
    assert done.out.splitlines()[1:] == [f"out/{name}" for name in ALL]


def test_keypoints_are_the_usual_json(project: Space) -> None:
    project.call("pose", "reach", "--maps", "--view", "anterior", "--size", "64", "-o", "out")
    found = json.loads(project.read("out/keypoints.json"))
    assert (found["canvas_width"], found["canvas_height"]) == (64, 64)
    assert len(found["people"][0]["pose_keypoints_2d"]) == 18 * 3


def test_without_maps_only_the_drawing_is_written_and_without_a_folder_nothing(project: Space) -> None:
    before = project.snapshot(".")
    assert project.call("pose", "reach").code == 0
    assert project.snapshot(".") == before
    project.call("pose", "reach", "--size", "64", "-o", "a/b")
    assert project.files("a") == ["a/b/drawing.png"]
    assert project.snapshot("specs", "content", "build", "cache") == {
        name: state for name, state in before.items() if name.startswith("specs")
    }


def test_the_line_drawing_is_there_as_svg_too(project: Space) -> None:
    project.call("pose", "reach", "--svg", "--drawing", "mesh", "--size", "64", "-o", "out")
    assert project.files("out") == ["out/drawing.png", "out/drawing.svg"]
    assert project.read("out/drawing.svg").startswith("<svg ")


def test_the_same_pose_is_the_same_bytes_and_replaces_only_its_own_files(project: Space) -> None:
    words = ("pose", "reach", "--maps", "--size", "64", "-o", "out")
    project.call(*words)
    project.write("out/notes.txt", "mine")
    first = {name: digest for name, (digest, _) in project.snapshot("out").items()}
    project.write("out/drawing.png", "damaged")
    project.call(*words)
    assert {name: digest for name, (digest, _) in project.snapshot("out").items()} == first


def test_the_drawing_lies_on_its_maps(project: Space) -> None:
    """No jitter of a seed: where the depth map has a body, the drawing has ink, and nothing is drawn far from it."""
    project.call("pose", "reach", "--maps", "--view", "lateral", "--size", "256", "-o", "out")
    seen = [opened(project, f"out/{name}.png").convert("L") for name in ("drawing", "depth")]
    ink, body = seen[0].point(lambda value: 255 * (value < 90)), seen[1].point(lambda value: 255 * (value > 0))
    boxes = [one.getbbox() for one in (ink, body)]
    assert all(abs(a - b) <= 2 for a, b in zip(*boxes, strict=True)), boxes  # type: ignore[arg-type]


def test_a_target_is_drawn_as_its_spec_has_it_unless_asked_otherwise(project: Space) -> None:
    own = project.call("pose", "exercises/reach/01", "--json", "-o", "own").json
    assert (own["view"], own["side"], own["size"], own["alt"]) == (
        "lateral", "left", [64, 96], "Somebody reaches forward.")
    assert own["posture"]["left"]["shoulder_flexion"] == 90
    other = project.call("pose", "exercises/reach/01", "--json", "--view", "posterior", "--size", "64").json
    assert (other["view"], other["size"]) == ("posterior", [64, 64])
    assert "seen from behind" in other["alt"] and "left arm" in other["alt"]


def test_one_degree_more_is_another_drawing(project: Space) -> None:
    for angle, folder in ((90, "a"), (91, "b")):
        project.write("specs/poses/reach.yaml", REACH.replace("90", str(angle)))
        project.call("pose", "reach", "--view", "lateral", "--side", "left", "--size", "256", "-o", folder)
    one, other = (opened(project, f"{folder}/drawing.png") for folder in "ab")
    assert ImageChops.difference(one, other).getbbox()


def test_a_base_posture_needs_no_file_and_no_project(nowhere: Space) -> None:
    found = nowhere.call("pose", "quadruped", "--json").json
    assert found["posture"]["base"] == "quadruped"
    assert found["alt"] == "A person on hands and knees, seen at an angle from the right front."


def test_outside_a_project_a_pose_may_rest_on_the_files_beside_it(nowhere: Space) -> None:
    nowhere.write("both.yml", "mirror_of: reach\n")
    nowhere.write("not_a_pose.yaml", "kind: [nonsense")
    found = nowhere.call("pose", "both.yml", "--json", "--size", "64", "-o", "out").json
    assert found["posture"]["right"]["shoulder_flexion"] == 90
    assert found["paths"] == ["out/drawing.png"] and nowhere.files("out") == ["out/drawing.png"]


def test_a_pose_file_elsewhere_in_a_project_may_rest_on_its_poses(project: Space) -> None:
    project.write("drafts/higher.yaml", "base: reach\nleft: {shoulder_flexion: 120}\n")
    assert project.call("pose", "drafts/higher.yaml", "--json").json["posture"]["left"]["shoulder_flexion"] == 120


def test_beyond_the_normal_range_is_a_warning_and_beyond_the_possible_an_error(nowhere: Space) -> None:
    nowhere.write("reach.yaml", REACH.replace("90", "190"))
    warned = only(nowhere.call("pose", "reach.yaml", "--json"))
    assert (warned["severity"], warned["code"], warned["file"], warned["line"]) == (
        "warning", "beyond-normal", "reach.yaml", 2)
    nowhere.write("reach.yaml", REACH.replace("90", "290"))
    done = nowhere.call("pose", "reach.yaml", "--json", "-o", "out")
    assert refused(done)["line"] == 2
    assert not (nowhere.root / "out").exists()


@pytest.mark.parametrize(("text", "line", "hint"), [
    ("base: standing\nknee_flexoin: 4\n", 2, "did you mean `knee_flexion`?"),
    ("# one\nbase: reech\n", 2, "did you mean `reach`?"),
    ("base: standing\nleft: [\n", 3, None),
])
def test_an_error_has_its_file_line_and_column(nowhere: Space, text: str, line: int, hint: str | None) -> None:
    nowhere.write("wrong.yaml", text)
    found = refused(nowhere.call("pose", "wrong.yaml", "--json"))
    assert (found["file"], found["line"]) == ("wrong.yaml", line) and found["column"]
    assert hint is None or hint in found["hint"]


def test_an_error_in_a_file_beside_it_is_told_of_that_file(nowhere: Space) -> None:
    nowhere.write("low.yaml", "base: lower\n")
    nowhere.write("lower.yaml", "knee: 4\n")
    assert refused(nowhere.call("pose", "low.yaml", "--json"))["file"] == "lower.yaml"


def test_poses_that_rest_on_each_other_are_refused(nowhere: Space) -> None:
    nowhere.write("one.yaml", "base: other\n")
    nowhere.write("other.yaml", "base: one\n")
    assert refused(nowhere.call("pose", "one.yaml", "--json"))["code"] == "pose-cycle"


@pytest.mark.parametrize(("words", "code", "hint"), [
    (("pose", "reech"), "unknown-pose", "reach"),
    (("pose", "exercises/reach"), "several-targets", "exercises/reach/01, exercises/reach/02"),
    (("pose", "specs/exercises/shoulder/reach.yaml"), "several-targets", "exercises/reach/01"),
    (("pose", "exercises/reech/01"), "unknown-target", "exercises/reach"),
    (("pose", "nowhere.yaml"), "missing-file", "needs no ending: `nowhere`"),
    (("pose", "photo.json"), "missing-file", "in the working directory or in the project"),
    (("pose", "bridge"), "unknown-pose", "`exercises/bridge/01`"),
    (("pose", "reach", "--maps"), "usage", None),
    (("pose", "reach", "--svg"), "usage", None),
    (("pose", "reach", "--yaml"), "usage", None),
    (("pose", "reach", "--size", "65"), "usage", None),
    (("pose", "reach", "--size", "64x"), "usage", None),
    (("pose", "reach", "--view", "top"), "usage", None),
])
def test_what_cannot_be_drawn_is_refused_with_a_hint(
    project: Space, words: tuple[str, ...], code: str, hint: str | None
) -> None:
    found = refused(project.call(*words, "--json"))
    assert found["code"] == code
    assert hint is None or hint in found["hint"]


@pytest.mark.parametrize("folder", ["reach.yaml", "reach.yaml/below", "taken"])
def test_what_stands_in_the_way_is_left_alone_and_named(nowhere: Space, folder: str) -> None:
    nowhere.write("taken/drawing.png/mine.txt", "mine")
    before = nowhere.snapshot(".")
    found = refused(nowhere.call("pose", "standing", "--size", "64", "-o", folder, "--json"))
    assert found["code"] == "in-the-way" and folder in found["message"]
    assert nowhere.snapshot(".") == before


def test_a_spec_outside_a_project_is_no_pose(nowhere: Space) -> None:
    nowhere.write("spec.yaml", SPEC)
    assert refused(nowhere.call("pose", "spec.yaml", "--json"))["code"] == "no-project"


def test_keypoints_of_another_editor_come_back_as_a_pose_that_loads(nowhere: Space) -> None:
    nowhere.write("bent.yaml", "base: standing\nleft: {shoulder_flexion: 0}\nright:\n"
                               "  {shoulder_flexion: 75, elbow_flexion: 40, hip_flexion: 30, knee_flexion: 60}\n")
    nowhere.call("pose", "bent.yaml", "--maps", "--view", "lateral", "--size", "512", "-o", "out")
    printed = nowhere.call("pose", "out/keypoints.json", "--view", "lateral", "--yaml")
    nowhere.write("found.yaml", printed.out)
    found = nowhere.call("pose", "found.yaml", "--json").json["posture"]["right"]
    asked = {"shoulder_flexion": 75, "elbow_flexion": 40, "hip_flexion": 30, "knee_flexion": 60}
    assert all(abs(found[name] - angle) <= 4 for name, angle in asked.items()), found
    assert yaml.safe_load(printed.out)["base"] == "standing"


def test_keypoints_are_drawn_as_well(nowhere: Space) -> None:
    nowhere.call("pose", "reach.yaml", "--maps", "--view", "anterior", "--size", "64x96", "-o", "out")
    done = nowhere.call("pose", "out/keypoints.json", "--view", "anterior", "-o", "again", "--json").json
    assert done["size"] == [64, 96] and done["paths"] == ["again/drawing.png"]
    assert done["pose"]["base"] == "standing"


def keypoints(numbers: Any) -> str:
    return json.dumps({"people": [{"pose_keypoints_2d": numbers}], "canvas_width": 64, "canvas_height": 64})


@pytest.mark.parametrize(("text", "view", "code"), [
    ("{", "lateral", "json-syntax"),
    ("[]", "lateral", "bad-keypoints"),
    ("[" * 100_000, "lateral", "bad-keypoints"),
    ('{"people": [7]}', "lateral", "bad-keypoints"),
    (keypoints("x"), "lateral", "bad-keypoints"),
    (keypoints([1, 2]), "lateral", "bad-keypoints"),
    (keypoints([None] * 54), "lateral", "bad-keypoints"),
    (keypoints([1e999] * 54), "lateral", "bad-keypoints"),
    (keypoints([0] * 54), "lateral", "bad-keypoints"),
    (keypoints([9, 9, 1] * 18), "oblique", "bad-keypoints"),
    ("{}", None, "usage"),
])
def test_keypoints_that_are_none_are_refused(nowhere: Space, text: str, view: str | None, code: str) -> None:
    nowhere.write("k.json", text)
    found = refused(nowhere.call("pose", "k.json", *(("--view", view) if view else ()), "--json"))
    assert found["code"] == code


def test_a_photograph_s_size_is_that_of_the_drawing_and_never_a_huge_one(nowhere: Space) -> None:
    numbers = [number for index in range(18) for number in (100 + index, 200 + 9 * index, 1)]
    for width, height, size in ((1000, 667, [1000, 664]), (6000, 4000, [2048, 1368]), (1e6, 1e6, [2048, 2048])):
        nowhere.write("k.json", json.dumps(
            {"people": [{"pose_keypoints_2d": numbers}], "canvas_width": width, "canvas_height": height}))
        assert nowhere.call("pose", "k.json", "--view", "lateral", "--json").json["size"] == size


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_keypoints_are_read_in_any_encoding_of_json_and_any_case_of_its_ending(nowhere: Space, encoding: str) -> None:
    nowhere.call("pose", "quadruped", "--maps", "--view", "lateral", "-o", "out")
    (nowhere.root / "K.JSON").write_bytes(nowhere.read("out/keypoints.json").encode(encoding))
    assert nowhere.call("pose", "K.JSON", "--view", "lateral", "--json").json["pose"]["base"] == "quadruped"


def test_another_person_is_taken_when_asked_for(nowhere: Space) -> None:
    nowhere.call("pose", "quadruped", "--maps", "--view", "lateral", "-o", "out")
    document = json.loads(nowhere.read("out/keypoints.json"))
    document["people"].append({"pose_keypoints_2d": [0, 0, 0] * 18})
    nowhere.write("k.json", json.dumps(document))
    done = nowhere.call("pose", "k.json", "--view", "lateral", "--json").json
    assert done["pose"]["base"] == "quadruped" and "person 1" in done["diagnostics"][0]["message"]
    assert "confidence" in refused(nowhere.call(
        "pose", "k.json", "--view", "lateral", "--person", "2", "--json"))["message"]
    assert refused(nowhere.call("pose", "standing", "--person", "2", "--json"))["code"] == "usage"


def test_hidden_joints_are_kept_when_asked_for(nowhere: Space) -> None:
    def shown(*more: str) -> int:
        nowhere.call("pose", "seated", "--maps", "--view", "lateral", "--size", "256", "-o", "out", *more)
        return sum(json.loads(nowhere.read("out/keypoints.json"))["people"][0]["pose_keypoints_2d"][2::3])

    assert shown("--hidden") == 18 > shown()
    assert refused(nowhere.call("pose", "seated", "--hidden", "--json"))["code"] == "usage"


def test_the_python_api_draws_too(project: Space) -> None:
    options = PoseOptions(size=(64, 64), view="lateral", side="left")
    posed = Project.open(project.root).pose("reach", project.root / "out", options)
    assert Path(posed.paths[0]).is_file()
    assert posed.alt.startswith("A person standing, seen from the left side")
    assert "90 degrees" in posed.description


def test_in_a_process_of_its_own(nowhere: Space) -> None:
    done = nowhere.run("pose", "reach.yaml", "--size", "64", "-o", "out", "--json")
    assert done.code == 0 and done.json["paths"] == ["out/drawing.png"]
