"""Where a search begins, seen by where it ends: palms flat on walls and floor, hands on head and thighs from where one
would lay them."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.language.pose import resolve
from calotype.language.pose.alt_text import alt_text
from calotype.language.pose.contact.touch import ON_HEAD
from calotype.language.pose.linear import Vector, turn
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.stance import rest, result
from calotype.language.pose.unmet import unmet


def body(pose: Any) -> Skeleton:
    return rest(resolve(pose, "standing", {}))


def fingers(skeleton: Skeleton, side: str) -> Vector:
    """Which way a hand points."""
    return turn(skeleton.rotation[f"{side}_hand"], (0.0, -1.0, 0.0))


@pytest.mark.parametrize("surface", ON_HEAD)
@pytest.mark.parametrize("base", ["seated", "standing"])
def test_a_hand_reaches_every_place_on_the_head(surface: str, base: str) -> None:
    pose = resolve({"base": base, "contacts": {"right_hand": surface}}, base, {})
    gap = next(contact.gap for contact in result(pose).contacts if contact.part == "right_hand")
    assert abs(gap) <= 0.01
    assert unmet(pose) == []


def test_both_hands_on_the_forehead_have_the_elbows_in_front_and_behind_the_head_out_to_the_sides() -> None:
    pressing, resting = (body({"base": "seated", "contacts": {"hands": place}}) for place in ("forehead", "back_of_head"))
    for side, sign in (("left", -1), ("right", 1)):
        head, elbow = pressing.position["head"], pressing.position[f"{side}_forearm"]
        assert elbow[0] > head[0] + 0.15
        assert pressing.position[f"{side}_hand"][0] > head[0]
        assert resting.position[f"{side}_hand"][0] < resting.position["head"][0]
        assert sign * resting.position[f"{side}_forearm"][2] > 0.2


def test_a_hand_lies_on_the_ear_of_its_own_side_and_over_the_head_on_the_other() -> None:
    same, over = (body({"base": "seated", "contacts": {"right_hand": f"{ear}_ear"}}) for ear in ("right", "left"))
    assert same.position["right_hand"][2] > 0.05
    assert over.position["right_fingers"][2] < 0.0
    assert over.position["right_forearm"][1] > over.position["head"][1]


def test_a_contact_with_a_place_on_the_head_is_told() -> None:
    pose = resolve({"base": "seated", "contacts": {"right_hand": "left_ear", "left_hand": "back_of_head"}}, "seated", {})
    assert "the left hand on the back of the head and the right hand on the left ear" in alt_text(pose, "anterior")


@pytest.mark.parametrize(("shoulder", "elbow"), [(45, 80), (80, 0), (130, 25), (145, 15)])
def test_palms_are_upright_on_a_wall_however_high_the_arms_reach(shoulder: float, elbow: float) -> None:
    standing = body({"base": "standing", "shoulder_flexion": shoulder, "elbow_flexion": elbow, "contacts": {"hands": "wall"}})
    assert fingers(standing, "right")[1] > 0.9


def test_hands_of_who_sits_lie_on_the_thighs_also_when_the_back_is_round() -> None:
    on_thighs = {"left_hand": "left_thigh", "right_hand": "right_thigh"}
    for more in ({}, {"hip_flexion": 70, "lumbar_flexion": 30, "thoracic_flexion": 20}, {"lumbar_flexion": 25}):
        sitting = body({"base": "seated", "contacts": on_thighs, **more})
        knee = sitting.position["right_shank"]
        assert sitting.position["right_hand"][1] > knee[1] + 0.03, more
        assert fingers(sitting, "right")[0] > 0.5
