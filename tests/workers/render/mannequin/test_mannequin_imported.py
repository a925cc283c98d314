"""Keypoints of another editor become a pose: the angles that the picture shows, and only those."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calotype.language.pose import check, resolve
from calotype.workers.render.mannequin.imported import pose_from
from calotype.workers.render.mannequin.keypoints import keypoints
from calotype.workers.render.mannequin.scene import compose, figure, render


def seen(pose: dict[str, Any], view: str, side: str = "right") -> dict[str, Any]:
    scene, = compose([figure(resolve(pose, "standing", {}), (256, 256))], view, side, (), (512, 512))
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
    with pytest.raises(ValueError, match="lateral or an anterior"):
        pose_from(seen({}, "oblique"), "oblique")
    with pytest.raises(ValueError, match="no neck"):
        pose_from({"people": [{"pose_keypoints_2d": [0.0] * 54}], "canvas_width": 9, "canvas_height": 9}, "lateral")
