"""Keypoints of another editor become a pose: the angles that the picture shows, and only those."""

from __future__ import annotations

import random
from cmath import phase
from math import degrees
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calotype.language.keypoints.people import KeypointsError, person_in
from calotype.language.pose import check, resolve
from calotype.language.pose.terms import BASES
from calotype.project.specs.shared_files import take_snapshot
from calotype.workers.render.mannequin.imported import LENGTH, TRUNK, VIEWS
from calotype.workers.render.mannequin.imported import pose_from as pose_from_points
from calotype.workers.render.mannequin.keypoints import NAMES, keypoints, points
from calotype.workers.render.mannequin.scene import compose, figure, render


def pose_from(document: dict[str, Any], view: str, side: str = "right") -> dict[str, Any]:
    return pose_from_points(person_in(document).points, view, side)


def seen(pose: dict[str, Any], view: str, side: str = "right") -> dict[str, Any]:
    return sighted(resolve({**pose, "solve": False}, "standing", {}), view, side)


def sighted(posture: Any, view: str, side: str) -> dict[str, Any]:
    scene, = compose([figure(posture, (256, 256))], view, side, (), (512, 512))
    return keypoints(scene)


SIDE = st.fixed_dictionaries({
    "shoulder_flexion": st.integers(-30, 190), "elbow_flexion": st.integers(10, 130),
    "hip_flexion": st.integers(-15, 50), "knee_flexion": st.integers(10, 140),
})


@settings(max_examples=25, deadline=None)
@given(SIDE, SIDE, st.sampled_from(["left", "right"]))
def test_a_side_view_gives_back_flexion(left: dict[str, int], right: dict[str, int], side: str) -> None:
    asked = {"left": {**left, "shoulder_abduction": 0}, "right": {**right, "shoulder_abduction": 0}}
    found = pose_from(seen(asked, "lateral", side), "lateral", side)
    for each in ("left", "right"):
        for joint in left:
            assert found[each].get(joint, 0) == pytest.approx(asked[each][joint], abs=8), (each, joint)
    assert check(found, {}) == [] or all(one.severity == "warning" for one in check(found, {}))


@settings(max_examples=15, deadline=None)
@given(st.integers(20, 150), st.integers(20, 150), st.integers(0, 35))
def test_a_front_view_gives_back_abduction_on_the_subjects_sides(left: int, right: int, leg: int) -> None:
    asked = {"left": {"shoulder_abduction": left, "hip_abduction": leg}, "right": {"shoulder_abduction": right}}
    found = pose_from(seen(asked, "anterior"), "anterior")
    assert found["left"]["shoulder_abduction"] == pytest.approx(left, abs=8)
    assert found["right"]["shoulder_abduction"] == pytest.approx(right, abs=8)
    assert found["left"].get("hip_abduction", 0) == pytest.approx(leg, abs=8)


@pytest.mark.parametrize("base", ["standing", "seated", "supine", "prone", "quadruped", "kneeling"])
def test_the_base_posture_is_recognised_from_the_side(base: str) -> None:
    assert pose_from(seen({"base": base}, "lateral"), "lateral")["base"] == base


def test_a_limb_hidden_behind_the_other_is_taken_to_be_as_that_one() -> None:
    squat = {"hip_flexion": 90, "knee_flexion": 100, "ankle_dorsiflexion": 25, "shoulder_flexion": 80}
    scene, = compose([figure(resolve(squat, "standing", {}), (256, 256))], "lateral", "right", (), (256, 256))
    found = pose_from(keypoints(scene, render(scene, 1)), "lateral")
    assert found["left"] == found["right"] and found["left"]["knee_flexion"] == pytest.approx(100, abs=4)


def test_without_a_neck_the_shoulders_show_the_trunk() -> None:
    document = seen({"hip_flexion": 40, "shoulder_flexion": 60}, "lateral")
    document["people"][0]["pose_keypoints_2d"][3:6] = [0.0, 0.0, 0.0]
    assert pose_from(document, "lateral")["right"]["hip_flexion"] == pytest.approx(40, abs=6)


def test_what_cannot_be_measured_is_refused_with_the_reason() -> None:
    with pytest.raises(KeypointsError, match="lateral, anterior or posterior"):
        pose_from(seen({}, "oblique"), "oblique")
    with pytest.raises(KeypointsError, match="no neck"):
        pose_from_points({"left_knee": (1.0, 1.0)}, "lateral")


def test_a_straight_arm_tells_no_rotation() -> None:
    found = pose_from(seen({"shoulder_abduction": 80, "elbow_flexion": 3}, "anterior"), "anterior")
    assert set(found["left"]) == set(found["right"]) == {"shoulder_abduction"}


def test_a_straight_leg_raise_raises_one_leg_where_the_other_s_hip_is_hidden() -> None:
    document = seen({"base": "supine", "right": {"hip_flexion": 60}}, "lateral")
    numbers = document["people"][0]["pose_keypoints_2d"]
    numbers[33:36] = [0.0, 0.0, 0.0]
    found = pose_from(document, "lateral")
    assert found["base"] == "supine"
    assert found["right"]["hip_flexion"] == pytest.approx(60, abs=5)
    assert abs(found["left"].get("hip_flexion", 0)) <= 5


@pytest.mark.parametrize("view", ["anterior", "posterior"])
@pytest.mark.parametrize("chance", range(6))
def test_someone_upright_stays_so_where_the_points_tremble(view: str, chance: int) -> None:
    """By two pixels: who lies, seen from above, would fit as well, turned on end."""
    dice = random.Random(chance)
    asked = {side: {"shoulder_abduction": dice.randint(10, 150), "hip_abduction": dice.randint(0, 30)} for side in ("left", "right")}
    document = seen(asked, view)
    flat = document["people"][0]["pose_keypoints_2d"]
    document["people"][0]["pose_keypoints_2d"] = [
        value + dice.gauss(0, 2) if at % 3 < 2 and flat[at - at % 3 + 2] else value for at, value in enumerate(flat)]
    found = pose_from(document, view)
    assert found["base"] == "standing"
    for side in ("left", "right"):
        assert found[side].get("shoulder_abduction", 0) == pytest.approx(asked[side]["shoulder_abduction"], abs=12)


def test_someone_seated_is_seen_from_the_front_by_thighs_that_look_short() -> None:
    found = pose_from(seen({"base": "seated"}, "anterior"), "anterior")
    posture = resolve(found, None, {})
    for side in ("left", "right"):
        assert posture[side]["hip_flexion"] == pytest.approx(90, abs=15)
        assert posture[side]["knee_flexion"] == pytest.approx(90, abs=15)


def test_soles_of_someone_who_squats_lie_flat() -> None:
    squat = {"hip_flexion": 90, "knee_flexion": 100, "ankle_dorsiflexion": 25, "shoulder_flexion": 80}
    found = pose_from(seen(squat, "lateral"), "lateral")
    assert found["base"] == "standing"
    assert found["right"]["ankle_dorsiflexion"] == pytest.approx(25, abs=5)


@pytest.mark.parametrize("view", ["anterior", "posterior"])
def test_left_and_right_of_the_opposite_view_are_refused(view: str) -> None:
    other = "posterior" if view == "anterior" else "anterior"
    with pytest.raises(KeypointsError, match=f"the {other} view") as refused:
        pose_from(seen({"shoulder_abduction": 60}, other), view)
    assert f"--view {other}" in refused.value.hint


@pytest.mark.parametrize(("side", "other"), [("left", "right"), ("right", "left")])
def test_someone_who_looks_the_other_way_is_refused(side: str, other: str) -> None:
    with pytest.raises(KeypointsError, match="looks the other way") as refused:
        pose_from(seen({"hip_flexion": 30}, "lateral", side), "lateral", other)
    assert f"--side {side}" in refused.value.hint


LIMBS = [(part, end) for part, end in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))]
ABOVE = {"elbow": "shoulder", "knee": "hip"}
FROM_BELOW = (("anterior", "prone"), ("anterior", "plank"), ("posterior", "supine"), ("posterior", "crook_lying"))
"""Views from under the floor, which nobody has."""
POSES = take_snapshot(Path(__file__).parents[4]).poses


def directions(posture: Any, view: str, side: str) -> dict[tuple[str, str], complex]:
    """Where the trunk, and those limbs point that lie in the picture up to the joint they hang from."""
    scene, = compose([figure(posture, (256, 256))], view, side, (), (512, 512))
    spots = [complex(x, y) for x, y, _ in scene.pixels(points(scene.skeleton)).tolist()]
    at = dict(zip(NAMES, spots, strict=True))
    unit = scene.frame.scale * scene.skeleton.stature
    lines = {(each, part): (at[f"{each}_{end}"] - at[f"{each}_{part}"], LENGTH[part] * unit)
             for each in ("left", "right") for part, end in LIMBS}
    lines["", "trunk"] = (at["neck"] - (at["left_hip"] + at["right_hip"]) / 2, TRUNK * unit)
    shown = {name: line for name, (line, length) in lines.items() if abs(line) > 0.85 * length}
    if ("", "trunk") not in shown:
        return {}
    return {(each, part): line for (each, part), line in shown.items() if (each, ABOVE.get(part, part)) in shown}


def views(base: str) -> list[tuple[str, str]]:
    """The views that show someone, with the sides from which they do. Who lies on a side is seen so from above."""
    if base == "side_lying":
        return []
    return [(view, side) for view in VIEWS for side in (("left", "right") if view == "lateral" else ("right",))
            if (view, base) not in FROM_BELOW]


@pytest.mark.parametrize(("name", "view", "side"), [
    (name, view, side) for name in [*BASES, *POSES] for view, side in views(resolve(name, None, POSES)["base"])
])
def test_every_pose_comes_back_from_every_view_that_shows_it(name: str, view: str, side: str) -> None:
    """Mean joint error of what lies in the picture, at most 10 degrees."""
    asked = resolve(name, None, POSES)
    found = resolve(pose_from(sighted(asked, view, side), view, side), None, {})
    there, here = directions(asked, view, side), directions(found, view, side)
    errors = [abs(degrees(phase(line / here[part]))) if part in here else 90.0 for part, line in there.items()]
    assert sum(errors) <= 10 * len(errors)
