"""The embedded renderer: what decides its pixels, what does not, and what every picture holds."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from calotype.language.pose import resolve
from calotype.language.pose.linear import turn
from calotype.language.pose.muscle_names import find
from calotype.language.pose.posture import mirror
from calotype.language.pose.terms import BASES
from calotype.workers.protocol import Rendered
from calotype.workers.render.mannequin import Mannequin
from calotype.workers.render.mannequin.body import PARTS
from calotype.workers.render.mannequin.scene import compose, figure, render
from conftest import REPOSITORY

VIEWS = ("lateral", "anterior", "posterior", "oblique", "close-up")


def request(**changes: Any) -> dict[str, Any]:
    base = {
        "renderer": "mannequin", "epoch": 1, "seed": 42, "size": [128, 128], "drawing": "line", "view": "lateral",
        "side": "right", "position": "standing", "posture": resolve("standing", None, {}), "muscles": [], "joints": [],
    }
    return base | changes


def draw(*requests: dict[str, Any]) -> list[Image.Image]:
    done = list(Mannequin().perform(requests, {}, lambda: False))
    assert all(isinstance(one, Rendered) for one in done)
    return [one.pixels for one in done if isinstance(one, Rendered)]


def test_the_same_request_gives_the_same_bytes_alone_and_in_a_batch() -> None:
    one, two = request(), request(view="oblique", drawing="mesh")
    together = draw(one, two)
    assert [picture.tobytes() for picture in together] == [draw(each)[0].tobytes() for each in (one, two)]
    assert together[0].mode == "RGB" and together[0].size == (128, 128)


def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import hashlib, json, sys; from calotype.workers.render.mannequin.draw import draw;"
        "print(hashlib.sha256(draw(json.loads(sys.argv[1])).tobytes()).hexdigest())"
    )
    line = [sys.executable, "-c", code, json.dumps(request())]
    told = subprocess.run(line, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == hashlib.sha256(draw(request())[0].tobytes()).hexdigest()


def test_importing_the_renderer_imports_nothing_heavy() -> None:
    code = (
        "import sys; from calotype.workers.render.mannequin import Mannequin; Mannequin();"
        "print([name for name in ('PIL', 'numpy', 'yaml', 'click') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("size", [16, 64, 128])
def test_every_seed_changes_the_pixels(size: int) -> None:
    pictures = draw(*(request(seed=seed, size=[size, size]) for seed in (*range(24), 2**32 - 1)))
    assert len({picture.tobytes() for picture in pictures}) == 25


@pytest.mark.parametrize(
    "change",
    [
        {"view": "anterior"}, {"view": "oblique"}, {"side": "left"}, {"drawing": "mesh"}, {"size": [128, 136]},
        {"muscles": ["deltoid"]}, {"joints": ["knee joint"]},
        {"posture": resolve({"elbow_flexion": 5}, "standing", {})},
        {"posture": resolve({"contacts": {"left_hand": "wall"}}, "standing", {})},
    ],
)
def test_what_the_request_holds_changes_the_pixels(change: dict[str, Any]) -> None:
    before, after = draw(request(), request(**change))
    assert before.tobytes() != after.tobytes()


def test_a_pose_edited_by_one_degree_changes_the_picture() -> None:
    size = [256, 256]
    before, after = draw(
        *(request(size=size, posture=resolve({"elbow_flexion": angle}, "standing", {})) for angle in (40, 41))
    )
    assert before.tobytes() != after.tobytes()


def test_cancelling_stops_between_pictures() -> None:
    asked = iter([False, True])
    assert len(list(Mannequin().perform([request(), request()], {}, lambda: next(asked)))) == 1


@pytest.mark.parametrize("view", VIEWS[:4])
@pytest.mark.parametrize("base", list(BASES))
def test_the_whole_body_is_in_frame_in_every_posture_and_view(base: str, view: str) -> None:
    posture = resolve(base, None, {})
    scene, = compose([figure(posture, (96, 144))], view, "right", (), (96, 144))
    points = scene.pixels(scene.mesh.vertices)
    assert (points[:, :2] > 0).all() and (points[:, 0] < 96).all() and (points[:, 1] < 144).all()


def test_a_close_up_is_framed_on_the_named_joint() -> None:
    posture = resolve("standing", None, {})
    for joint, bone in (("ankle joint", "right_foot"), ("knee joint", "right_shank"), ("cervical spine", "neck_1")):
        scene, = compose([figure(posture, (200, 200))], "close-up", "right", [joint], (200, 200))
        x, y = scene.pixel(scene.skeleton.position[bone])
        assert 20 < x < 180 and 20 < y < 180
        assert scene.frame.scale > 220


def test_lateral_shows_the_named_side_and_a_right_lateral_faces_right() -> None:
    posture = resolve({"left": {"shoulder_flexion": 90}}, "standing", {})
    for side, sign in (("right", 1), ("left", -1)):
        scene, = compose([figure(posture, (200, 200))], "lateral", side, (), (200, 200))
        toes, heel = (scene.pixel(scene.skeleton.position[f"{side}_{bone}"])[0] for bone in ("toes", "foot"))
        assert (toes - heel) * sign > 0
        depth = {one: scene.pixels(np.array(scene.skeleton.position[f"{one}_thigh"]))[2] for one in ("left", "right")}
        assert min(depth, key=lambda one: float(depth[one])) == side


def test_in_the_anterior_view_the_subjects_right_is_on_the_left_of_the_picture() -> None:
    posture = resolve("standing", None, {})
    across = {}
    for view in ("anterior", "posterior"):
        scene, = compose([figure(posture, (200, 200))], view, "right", (), (200, 200))
        across[view] = scene.pixel(scene.skeleton.position["right_hand"])[0]
    assert across["anterior"] < 100 < across["posterior"]


ARM = st.fixed_dictionaries({
    "shoulder_flexion": st.integers(-40, 170), "shoulder_abduction": st.integers(0, 90),
    "elbow_flexion": st.integers(0, 140), "hip_flexion": st.integers(-20, 100), "knee_flexion": st.integers(0, 120),
})


@settings(max_examples=8, deadline=None)
@given(ARM, ARM, st.sampled_from(["anterior", "lateral", "oblique"]))
def test_the_mirrored_pose_from_the_mirrored_camera_mirrors_the_pixels(
    left: dict[str, int], right: dict[str, int], view: str
) -> None:
    posture = resolve({"left": left, "right": right}, "standing", {})
    labels = []
    for each, side in ((posture, "right"), (mirror(posture), "left")):
        scene, = compose([figure(each, (160, 160))], view, side, (), (160, 160))
        surface = render(scene, 1)
        whole = np.zeros((160, 160), bool)
        whole[surface.ys + surface.top, surface.xs + surface.left] = True
        labels.append(whole)
    # pixel centres on an edge fall to one side: allow them, and nothing more
    assert (labels[0] != labels[1][:, ::-1]).sum() <= 0.01 * labels[0].sum()


def test_a_shown_muscle_is_tinted_where_it_lies() -> None:
    pictures = draw(*(request(size=[256, 256], muscles=muscles) for muscles in ([], ["gastrocnemius"])))
    plain, shown = (np.asarray(picture).astype(int) for picture in pictures)
    rows, columns = np.nonzero(np.abs(plain - shown).sum(axis=2) > 30)
    red = shown[rows, columns]
    assert len(rows) > 20 and (red[:, 0] > red[:, 2]).mean() > 0.95
    figure_rows = np.nonzero((plain < 200).any(axis=(1, 2)))[0]
    height = figure_rows.max() - figure_rows.min()
    below = (rows - figure_rows.min()) / height
    assert below.min() > 0.65 and below.max() < 0.95


def test_every_muscle_of_the_table_and_of_the_samples_has_its_place() -> None:
    import yaml

    specs = REPOSITORY / "specs" / "exercises"
    named = {
        muscle for file in specs.rglob("*.yaml") for image in yaml.safe_load(file.read_text())["images"]
        for muscle in image.get("muscles_shown", ())
    }
    assert named and all(find(muscle) for muscle in named)


@pytest.mark.parametrize(("part", "pose", "axis"), [
    ("head", {"hip_flexion": 85}, (0.0, 1.0, 0.0)), ("right_foot", {}, (1.0, 0.0, 0.0)),
])
def test_crown_and_toes_are_closed(part: str, pose: dict[str, Any], axis: tuple[float, float, float]) -> None:
    """Seen end on, no ground shows through the tip of a part."""
    scene, = compose([figure(resolve(pose, "standing", {}), (768, 768))], "anterior", "right", (), (768, 768))
    surface = render(scene, 2)
    own = scene.mesh.vertices[np.unique(scene.mesh.triangles[scene.mesh.part == PARTS.index(part)])]
    bone = "head" if part == "head" else "right_toes"
    furthest = own[np.argmax(own @ np.array(turn(scene.skeleton.rotation[bone], axis)))]
    x, y = (2 * round(value) for value in scene.pixel(tuple(furthest)))
    window = surface.label[y - surface.top - 9:y - surface.top + 10, x - surface.left - 9:x - surface.left + 10]
    assert window.size == 19 * 19 and (window > 0).all()
