"""How points of the body move: the derivatives are those of the forward kinematics that draws."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from calotype.language.pose.contact.kinematics import Points, Root, jacobian, places, stand
from calotype.language.pose.contact.unknowns import FIXED, free_axes, rotation, turned_by, with_angles
from calotype.language.pose.skeleton import BONES, forward

STEP = 1e-4


def a_posture(seed: int) -> dict[str, Any]:
    """Some angles along every axis, those that no contact moves included."""
    chance = random.Random(seed)
    posture: dict[str, Any] = {"base": "standing", "left": {}, "right": {}, "figure": {"height": 160.0}}
    for side, axis in free_axes(posture):
        (posture[side] if side else posture)[axis] = chance.uniform(-25, 35)
    return posture | {"spine_flexion": 12.0, "neck_protraction": 2.0} | {
        "left": posture["left"] | {"shoulder_horizontal_abduction": 10.0}}


def on_the_body(seed: int) -> Points:
    """A point on every bone but the clavicles, which carry nothing that touches."""
    bones = [number for number, bone in enumerate(BONES) if not bone.name.endswith("clavicle")]
    return Points(np.array(bones), np.random.default_rng(seed).normal(size=(len(bones), 3)) * 0.1)


@pytest.mark.parametrize(("seed", "sex"), [(0, "neutral"), (1, "female"), (2, "male"), (3, "neutral")])
def test_derivatives_are_those_of_the_forward_kinematics(seed: int, sex: str) -> None:
    posture, points = a_posture(seed), on_the_body(seed)
    posture["figure"] = {**posture["figure"], "sex": sex}
    root = Root(rotation((20.0, -35.0, 50.0)), np.array([0.3, 0.9, -0.2]))
    axes = free_axes(posture)
    stance = stand(posture, root)
    slopes = jacobian(stance, points, places(stance, points), axes)
    for number, (side, axis) in enumerate(axes):
        value = (posture[side] if side else posture)[axis]
        ends = [
            places(stand(with_angles(posture, [(side, axis)], [value + step]), root), points) for step in (STEP, -STEP)
        ]
        assert slopes[:, :, 6 + number] == pytest.approx((ends[0] - ends[1]) / (2 * STEP), abs=1e-6), (side, axis)


@pytest.mark.parametrize("axis", range(6))
def test_the_root_turns_about_the_pelvis_and_moves(axis: int) -> None:
    posture, points = a_posture(9), on_the_body(9)
    root = Root(rotation((10.0, 5.0, -80.0)), np.array([0.1, 1.0, 0.0]))
    stance = stand(posture, root)
    slopes = jacobian(stance, points, places(stance, points), [])
    ends = []
    for step in (STEP, -STEP):
        change = np.eye(6)[axis] * step
        ends.append(places(stand(posture, Root(rotation(change[:3]) @ root.turned, root.at + change[3:])), points))
    assert slopes[:, :, axis] == pytest.approx((ends[0] - ends[1]) / (2 * STEP), abs=1e-6)


def test_a_body_in_its_world_is_the_skeleton_moved_there() -> None:
    posture, root = a_posture(3), Root(np.eye(3), np.array([0.0, 1.0, 0.0]))
    stance, skeleton = stand(posture, root), forward(posture)
    for number, bone in enumerate(BONES):
        x, y, z = skeleton.position[bone.name]
        assert stance.position[number] == pytest.approx((x, y + 1, z), abs=1e-12)
        assert stance.rotation[number] == pytest.approx(np.array(skeleton.rotation[bone.name]), abs=1e-12)


def test_a_rotation_is_read_back_from_its_matrix() -> None:
    for turn in ((0.0, 0.0, 0.0), (10.0, -20.0, 30.0), (100.0, 40.0, -20.0)):
        assert turned_by(rotation(turn)) == pytest.approx(turn, abs=1e-9)


def test_what_is_written_is_not_free_nor_a_spine_that_is_bent_as_a_whole() -> None:
    posture = {"base": "standing", "written": ["left.knee_flexion", "spine_flexion"]}
    axes = free_axes(posture)
    assert ("left", "knee_flexion") not in axes and ("right", "knee_flexion") in axes
    assert ("", "lumbar_flexion") not in axes and ("", "thoracic_flexion") not in axes
    assert ("", "lumbar_rotation") in axes
    assert not {axis for _, axis in axes} & set(FIXED)
