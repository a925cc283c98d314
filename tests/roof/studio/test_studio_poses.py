"""Poses over HTTP: what the language knows, how an image is posed, and the figure by the code that draws the pictures."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from kit import nod_spec
from PIL import Image

from calotype.language.pose import resolve
from calotype.language.pose.terms import AXES, BASES
from calotype.workers.render.mannequin.draw import draw
from conftest import Space
from studio_server import NOD, SMALL, Answer, Server, studio

ANN = """kind: character
id: ann
title: Ann
reference: {image: refs/ann.png, strength: 0.4}
pose: {base: kneeling}
anchors:
  side: left
  poses:
    - {id: front, view_angle: anterior, prompt: a}
variations:
  - {id: bow, view_angle: lateral, prompt: a, strength: 0.5, pose: bow, anchor: front}
"""
BOW = "specs/poses/bow.yaml"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Space, Server]]:
    space = Space(tmp_path_factory.mktemp("poses") / "project")
    space.root.mkdir()
    space.write("calotype.yaml", SMALL + "drawing: mesh\n")
    space.write(NOD, nod_spec("nod", "pose: {neck_flexion: 20}", "pose: bow, size: [96, 64], side: left", "seed: 1"))
    space.write("specs/characters/ann.yaml", ANN)
    space.write(BOW, "base: standing\nneck_flexion: 20\n")
    Image.new("RGB", (64, 64), "red").save(space.write("refs/ann.png", b""))
    with studio(space.root, "--no-watch") as server:
        server.wait_for_build()
        yield space, server


def drawn(server: Server, **values: Any) -> Answer:
    return server.write("/api/pose/drawing", {"position": "standing", **values})


def test_the_terms_are_those_of_the_language(project: tuple[Space, Server]) -> None:
    terms = project[1].ask("/api/pose/terms").json
    axes = {axis["name"]: axis for group in terms["groups"] for axis in group["axes"]}
    assert set(axes) == {axis.name for axis in AXES} and terms["bases"] == list(BASES)
    for axis in AXES:
        assert axes[axis.name] == {"name": axis.name, "opposite": axis.opposite, "laterality": axis.laterality, "unit": axis.unit,
                                   "normal": list(axis.normal), "possible": list(axis.possible), "source": axis.source}
    assert terms["bands"]["reference"] | {"below": "", "above": ""} == {"low": 0.3, "high": 0.7, "below": "", "above": ""}


@pytest.mark.parametrize(("target", "places"), [
    ("exercises/nod/01", [("this image", NOD, ["images", 0, "pose"], {"neck_flexion": 20}, True)]),
    ("exercises/nod/02", [("this image", NOD, ["images", 1, "pose"], {"base": "bow"}, True),
                          ("every image with the pose bow", BOW, [], {"base": "standing", "neck_flexion": 20}, False)]),
    ("exercises/nod/03", [("this image", NOD, ["images", 2, "pose"], {}, True)]),
    ("characters/ann/anchors/front", [
        ("this image", "specs/characters/ann.yaml", ["anchors", "poses", 0, "pose"], {"base": "kneeling"}, False),
        ("every image of this spec", "specs/characters/ann.yaml", ["pose"], {"base": "kneeling"}, True)])])
def test_an_image_tells_where_its_pose_may_be_written(
    project: tuple[Space, Server], target: str, places: list[tuple[Any, ...]]
) -> None:
    image = project[1].ask(f"/api/image?name={target}").json
    assert [(place["holds_for"], place["path"], place["pointer"], place["value"], place["implied"])
            for place in image["poses"]] == places


def test_an_image_tells_how_it_is_drawn_and_how_strongly(project: tuple[Space, Server]) -> None:
    image = project[1].ask("/api/image?name=exercises/nod/02").json
    assert {key: image[key] for key in ("view", "side", "position", "size", "drawing", "renderer", "strengths", "shared_poses")} == {
        "view": "lateral", "side": "left", "position": "standing", "size": [96, 64], "drawing": "mesh", "renderer": "mannequin",
        "strengths": {}, "shared_poses": ["bow"]}
    bow = project[1].ask("/api/image?name=characters/ann/variations/bow_01").json
    assert {key: (place["pointer"], place["value"]) for key, place in bow["strengths"].items()} == {
        "strength": (["variations", 0, "strength"], 0.5), "reference": (["reference"], {"image": "refs/ann.png", "strength": 0.4})}
    for name in ("exercises/nod/09", "exercises/none/01", "nod", "characters/ann/training_set", "x/y/z", "exercises/../nod/01"):
        answer = project[1].ask(f"/api/image?name={name}")
        assert (answer.status, answer.codes) == (404, ["unknown-target"]), name


def test_the_figure_is_the_one_that_a_build_draws(project: tuple[Space, Server]) -> None:
    pose = {"base": "bow", "left": {"shoulder_flexion": 60}, "props": ["chair"]}
    answer = drawn(project[1], pose=pose, size=[128, 96], view="anterior", side="left", drawing="line", thorough=True)
    kind, _, data = answer.json["picture"].partition(",")
    posture = resolve(pose, "standing", {"bow": {"base": "standing", "neck_flexion": 20}})
    expected = draw({"seed": None, "size": [128, 96], "drawing": "line", "view": "anterior", "side": "left", "posture": posture,
                     "muscles": [], "joints": []})
    assert kind == "data:image/png;base64"
    assert Image.open(io.BytesIO(base64.b64decode(data))).tobytes() == expected.tobytes()
    assert answer.json["angles"]["left"]["shoulder_flexion"] == 60 and answer.json["base"]["left"]["shoulder_flexion"] == 0
    assert answer.json["angles"]["middle"]["neck_flexion"] == 20 == answer.json["base"]["middle"]["neck_flexion"]
    vector = drawn(project[1], pose=pose, format="svg").json["picture"]
    assert b"<svg" in base64.b64decode(vector.partition("base64,")[2])


def test_what_would_be_written_is_short_and_has_what_is_to_be_said(project: tuple[Space, Server]) -> None:
    answer = drawn(project[1], pose={"base": "standing", "neck_flexion": 60, "left": {"knee_flexion": 5}, "right": {"knee_flexion": 5}}).json
    assert answer["pose"] == {"neck_flexion": 60, "knee_flexion": 5} and answer["yaml"] == "pose:\n  neck_flexion: 60\n  knee_flexion: 5"
    assert [each["code"] for each in answer["diagnostics"]] == ["beyond-normal"]
    unmet = drawn(project[1], pose={"contacts": {"left_hand": "floor"}, "knee_flexion": 0, "hip_flexion": 0}, thorough=True).json
    assert [each["code"] for each in unmet["diagnostics"]] == ["contact-unmet"]
    phase = drawn(project[1], pose={"from": {}, "to": {"neck_flexion": 30}, "neck_flexion": 10}, part="to").json
    assert phase["angles"]["middle"]["neck_flexion"] == 30


@pytest.mark.parametrize("pose", [
    {"neck_flexion": 81}, {"left": {"knee_flexion": 1e9}}, {"knee_flexion": -21}, {"base": "nowhere"}, {"left": 5}, {"props": 5},
    {"left": {"knee_flexion": None}}, {"contacts": []}, {"from": 5}, {"arcs": {}}, {"arrows": [5]}, {"figure": []}, {"mirror": 3},
    {"props": [{"wall": 5}]}, {"props": [[1]]}, {"mirror_of": "bow", "base": "seated"}, {"": {}}, {"solve": "x"}, {"base": ["bow"]}])
def test_no_angle_outside_the_language_is_drawn(project: tuple[Space, Server], pose: dict[str, Any]) -> None:
    answer = drawn(project[1], pose=pose)
    assert answer.status == 422 and answer.json["diagnostics"][0]["severity"] == "error"


@pytest.mark.parametrize("values", [
    {"size": [2000, 64]}, {"size": [8, 8]}, {"size": [512]}, {"view": "above"}, {"side": "up"}, {"drawing": "oil"},
    {"position": "../x"}, {"position": "flying"}, {"part": "x"}, {"format": "gif"}, {"muscles": ["x"] * 99}, {"pose": []}, {"pose": None}])
def test_other_drawings_are_refused(project: tuple[Space, Server], values: dict[str, Any]) -> None:
    assert drawn(project[1], **{"pose": {}, **values}).status == 422
