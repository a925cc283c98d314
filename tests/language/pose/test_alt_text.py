"""Alt text tells the change from the base posture, what moves, what is touched and what is drawn besides."""

from __future__ import annotations

import random
from typing import Any

import pytest

from calotype.language.pose import resolve
from calotype.language.pose.alt_text import alt_text
from calotype.language.pose.posture import mirror
from calotype.language.pose.terms import AXES, BASES, SIDES


def alt(pose: Any, view: str = "lateral", **more: Any) -> str:
    return alt_text(resolve(pose, None, {}), view, **more)


CROOK = {"base": "supine", "hip_flexion": 44, "knee_flexion": 100, "ankle_plantarflexion": 34, "contacts": {"feet": "floor"}}


@pytest.mark.parametrize(("pose", "said"), [
    ({"base": "seated", "right": {"knee_flexion": 0}}, "the right knee straightened"),
    ({"base": "seated", "right": {"knee_flexion": 85}}, "the right knee bent 85 degrees"),
    ({"base": "seated", "right": {"knee_flexion": 30}}, "the right knee straightened to 30 degrees"),
    ({"base": "quadruped", "left": {"hip_flexion": 0, "knee_flexion": 0}, "contacts": {"left_knee": "none", "left_shin": "none"}},
     "the left hip straightened, the left knee straightened and the left knee lifted"),
    ({"base": "supine", "hip_flexion": 0, "knee_flexion": 90, "contacts": {"feet": "floor"}}, "the pelvis raised off the floor"),
    ({"right": {"shoulder_flexion": 170}}, "the right arm overhead, raised forward 170 degrees"),
    ({"right": {"hip_flexion": 90, "knee_flexion": 90}, "left": {"knee_flexion": 92}, "contacts": {"left_knee": "floor",
     "left_foot": "none"}}, "A person kneeling on the left knee"),
    ({"base": "kneeling", "right": {"hip_flexion": 90, "knee_flexion": 90}, "contacts": {"right_knee": "none",
     "right_foot": "floor"}}, "A person kneeling on the left knee"),
    ({"ankle_plantarflexion": 32, "toe_extension": 32}, "both feet raised onto the ball 32 degrees"),
    ({"ankle_plantarflexion": 40}, "both feet raised onto the ball 40 degrees"),
    ({"to": {"ankle_plantarflexion": 40}}, "both feet moving from flat to raised onto the ball 40 degrees"),
    ({"left": {"hip_flexion": 60, "knee_flexion": 80}, "contacts": {"left_foot": "none"}}, "the left foot lifted"),
    ({"figure": {"height": 186, "build": "broad"}}, "A person 186 centimetres tall of broad build standing"),
    ({"base": "prone", "shoulder_flexion": 74, "contacts": {"hands": "floor", "toes": "floor", "chest": "none"}},
     "face down, the body held off the floor"),
    ({"base": "seated", "right": {"knee_extension": 9}}, "the right knee straightened 9 degrees past straight"),
    ({"elbow_flexion": 90, "left": {"forearm_supination": 80}}, "the left palm turned up 80 degrees"),
    ({"elbow_flexion": 90, "forearm_pronation": 80}, "both palms turned down 80 degrees"),
    ({"left": {"forearm_supination": 80}}, "the left forearm turned outward 80 degrees"),
    ({"base": "supine", "left": {"forearm_supination": 80}}, "the left palm turned up 80 degrees"),
    ({"base": "supine", "right": {"hip_flexion": 80, "ankle_plantarflexion": 30}}, "the right foot pointed 30 degrees"),
    ({"base": "side_lying", "right": {"toe_extension": 40}}, "the right toes bent back 40 degrees"),
    ({"figure": {"hair": "long"}}, "A person with long hair standing"),
    ({"figure": {"sex": "female", "hair": "long"}}, "A woman with long hair standing"),
    ({"figure": {"sex": "male", "height": 186}}, "A man 186 centimetres tall standing"),
    ({"figure": {"sex": "neutral"}}, "A person standing"),
    ({"figure": {"hair": "none", "build": "slim"}}, "A person of slim build without hair standing"),
])
def test_a_change_is_told_by_what_it_does_to_the_base_posture(pose: Any, said: str) -> None:
    assert said in alt(pose)


@pytest.mark.parametrize(("pose", "claim"), [
    ({"left": {"shoulder_flexion": 150, "elbow_flexion": 150}}, "overhead"), ({"contacts": {"feet": "none"}}, "lifted"),
    ({"left": {"forearm_supination": 80}}, "palm"), ({"base": "hanging", "forearm_supination": 60}, "palm"),
    ({"base": "supine", "toe_extension": 30}, "ball"), ({"base": "supine", "ankle_plantarflexion": 30}, "down"),
    ({"figure": {"hair": "short"}}, "hair"),
])
def test_what_the_body_does_not_show_is_not_said(pose: Any, claim: str) -> None:
    assert claim not in alt(pose)


@pytest.mark.parametrize("pose", [
    CROOK, {**CROOK, "lumbar_flexion": 20}, {"hip_flexion": 100, "knee_flexion": 100, "ankle_plantarflexion": 5},
    {"ankle_plantarflexion": 32, "toe_extension": 32}, {"base": "seated", "knee_flexion": 60, "ankle_plantarflexion": 20},
])
def test_soles_on_the_floor_are_never_pointed_down(pose: Any) -> None:
    assert "pointed" not in alt(pose)


@pytest.mark.parametrize(("pose", "said"), [
    ({"from": {"base": "seated"}, "to": {"base": "seated", "right": {"knee_flexion": 0}}},
     "the right knee moving from bent 90 degrees to straight"),
    ({"from": {"base": "seated"}, "to": {"base": "standing"}}, "moving from seated to standing"),
    ({"from": {"base": "seated", "left": {"neck_rotation": 40}}, "to": {"base": "seated", "right": {"neck_rotation": 50}}},
     "the head moving from turned to the left 40 degrees to turned to the right 50 degrees"),
])
def test_a_movement_is_told_from_and_to(pose: Any, said: str) -> None:
    told = alt(pose)
    assert said in told and told.endswith("Shown besides: an arrow along the movement.")


def test_what_is_drawn_over_the_figure_is_told() -> None:
    pose = {"arrows": [{"of": "right_heel", "path": "up", "size": 18}, {"of": "chin", "path": "back"}],
            "arcs": ["left_knee_flexion"], "right": {"shoulder_flexion": 40}}
    told = alt(pose, muscles=["right deltoid"], joints=("knee joint",))
    assert told.endswith("Shown besides: an arrow up at the right heel, 18 centimetres, an arrow backward at the chin, an arc "
                         "that marks the left knee bent, right deltoid highlighted and knee joint marked.")


@pytest.mark.parametrize("degrees", [32, pytest.param(8, marks=pytest.mark.soak)])
def test_two_pictures_that_differ_never_read_alike(degrees: int) -> None:
    """Any joint of any base posture, moved by more than one sees: another text; and so for contacts, props and arrows."""
    chance = random.Random(7)
    for base in BASES:
        texts: dict[str, Any] = {}
        for axis in AXES:
            low, high = axis.normal
            step = degrees if axis.unit == "deg" else 2
            for value in range(int(low), int(high), step):
                sides = SIDES if axis.laterality == "paired" else ("",)
                for side in sides:
                    pose = pose_of(base, axis, side, value + chance.choice((0, 1)))
                    posture = resolve(pose, None, {})
                    assert texts.setdefault(alt_text(posture, "oblique"), posture) == posture, pose


def pose_of(base: str, axis: Any, side: str, value: float) -> dict[str, Any]:
    if axis.laterality == "axial":
        return {"base": base, axis.name: value}
    if axis.laterality == "directed":
        return {"base": base, "right": {axis.name: value}}
    return {"base": base, side: {axis.name: value}}


@pytest.mark.parametrize("more", [
    {"contacts": {"left_hand": "wall"}}, {"props": ["mug"]}, {"arrows": [{"of": "left_hand", "path": "up"}]},
    {"arrows": [{"of": "left_hand", "path": "down"}]}, {"arcs": ["left_elbow_flexion"]}, {"arcs": ["left_shoulder_flexion"]},
    {"figure": {"height": 160}}, {"figure": {"build": "slim"}}, {"figure": {"hair": "long"}}, {"figure": {"hair": "none"}},
    {"figure": {"sex": "female"}}, {"figure": {"sex": "male"}},
])
def test_what_else_a_pose_draws_changes_its_text(more: Any) -> None:
    assert alt({"base": "standing", **more}) != alt({"base": "standing"})


def test_a_mirrored_picture_reads_with_the_other_sides() -> None:
    pose = resolve({"base": "kneeling", "right": {"hip_flexion": 90, "shoulder_abduction": 90, "neck_rotation": 30},
                    "contacts": {"right_knee": "none", "right_foot": "floor"}, "arcs": ["right_hip_flexion"],
                    "arrows": [{"of": "right_hand", "path": "right"}]}, None, {})
    told = alt_text(pose, "anterior").replace("right", "?").replace("left", "right").replace("?", "left")
    assert sorted(alt_text(mirror(pose), "anterior").rstrip(".").split()) == sorted(told.rstrip(".").split())


@pytest.mark.parametrize(("base", "start"), [("seated", "upright"), ("crook_lying", "in line with the body")])
def test_the_head_of_who_lies_is_nowhere_upright(base: str, start: str) -> None:
    pose = resolve({"from": {"base": base}, "to": {"base": base, "neck_flexion": 30}}, base, {})
    assert f"the head moving from {start} to bowed forward 30 degrees" in alt_text(pose, "lateral")
