"""Fingers and thumbs move as a hand therapist says; a hand of which nothing is said is drawn as it always was."""

from __future__ import annotations

from math import dist
from typing import Any

import numpy as np
import pytest

from calotype.language.pose import resolve
from calotype.language.pose.alt_text import alt_text
from calotype.language.pose.check import check
from calotype.language.pose.linear import Vector, add, turn
from calotype.language.pose.posture import mirror
from calotype.language.pose.skeleton import STATURE, forward
from calotype.language.pose.terms import HAND
from calotype.workers.render.mannequin import body, fingers
from calotype.workers.render.mannequin.draw import draw

TIPS = {"thumb": 0.0145, "index": 0.0100, "middle": 0.0110, "ring": 0.0100, "little": 0.0080}
PINCH = {"thumb_opposition": 30, "index_flexion": 45}
LITTLE = {"thumb_opposition": 60, "thumb_flexion": 40, "little_flexion": 55}


def tips(side: str = "right", **angles: float) -> dict[str, Vector]:
    """The ends of thumb and fingers, in metres."""
    skeleton = forward(resolve({"base": "standing", side: angles}, None, {}))
    bones = dict(zip(fingers.names(side), fingers.posed(skeleton, side), strict=True))
    return {name: add(bone.position, turn(bone.rotation, (0.0, -length * STATURE, 0.0)))
            for name, length in TIPS.items() for bone in [bones[f"{side}_{name}_3"]]}


def picture(pose: Any, side: str = "right", drawing: str = "line") -> Any:
    return draw({"posture": resolve(pose, "standing", {}), "seed": None, "size": [192, 192], "drawing": drawing, "view": "close-up",
                 "side": side, "joints": ["hand"], "muscles": []})


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(("angles", "finger"), [(PINCH, "index"), (LITTLE, "little")])
def test_thumb_and_finger_meet(angles: dict[str, float], finger: str, side: str) -> None:
    ends = tips(side, **angles)
    assert dist(ends["thumb"], ends[finger]) < 0.025
    assert all(dist(ends["thumb"], ends[name]) > 0.03 for name in TIPS if name not in ("thumb", finger))


def test_fingers_spread_and_close() -> None:
    relaxed, spread = tips(thumb_flexion=1), tips(finger_abduction=20)
    assert dist(spread["index"], spread["little"]) > dist(relaxed["index"], relaxed["little"]) + 0.03


@pytest.mark.parametrize(("angles", "bent"), [({"finger_mcp_flexion": 80}, (88, 8)), ({"finger_pip_flexion": 90}, (8, 98))])
def test_tabletop_bends_the_knuckles_and_a_hook_the_joints_beyond(angles: dict[str, float], bent: tuple[float, float]) -> None:
    each = fingers.finger(angles, "ring")
    assert (each.knuckle, each.middle) == pytest.approx(bent)


@pytest.mark.parametrize("axis", HAND)
@pytest.mark.parametrize("drawing", ["line", "mesh"])
def test_every_term_of_the_hand_is_seen(axis: str, drawing: str) -> None:
    arm = {"elbow_flexion": 130, "shoulder_flexion": 20, "forearm_supination": 60}
    plain, moved = (np.asarray(picture({"right": {**arm, **more}}, drawing=drawing), int) for more in ({}, {axis: 25}))
    assert (np.abs(plain - moved).max(axis=2) > 60).sum() > 40
    assert not check({"right": {axis: 20}}, {})


def test_a_hand_of_which_nothing_is_said_has_the_bones_of_before() -> None:
    assert not forward(resolve({"base": "standing", "finger_flexion": 90}, None, {})).hands
    assert body.template(1.0, True).bones.max() < len(body.BONES)


def test_the_other_hand_is_the_mirror_image() -> None:
    made = resolve({"base": "standing", "right": PINCH}, None, {})
    assert mirror(made) == resolve({"base": "standing", "left": PINCH}, None, {})
    left, right = tips("left", **PINCH), tips("right", **PINCH)
    assert all(left[name] == pytest.approx((x, y, -z)) for name, (x, y, z) in right.items())


@pytest.mark.parametrize(("angles", "said"), [
    (PINCH, "the right thumb brought across the palm 30 degrees"), (PINCH, "the right index finger bent 45 degrees"),
    ({"finger_mcp_flexion": 80}, "the right hand bent at the knuckles 80 degrees"),
    ({"finger_abduction": 20}, "the right hand with the fingers spread 20 degrees"),
])
def test_the_hand_is_told(angles: dict[str, float], said: str) -> None:
    assert said in alt_text(resolve({"right": angles}, "standing", {}), "close-up")


@pytest.mark.parametrize(("word", "term"), [
    ("mcp_flexion", "finger_mcp_flexion"), ("pip_flexion", "finger_pip_flexion"), ("index_finger_flexion", "index_flexion"),
    ("finger_spread", "finger_abduction"), ("hook_fist", "finger_pip_flexion"), ("opposition", "thumb_opposition"), ("fist", "finger_flexion"),
    ("finger_flex", "finger_flexion"), ("pinky_flexion", "little_flexion"),
])
def test_words_of_hand_therapy_are_told_their_terms(word: str, term: str) -> None:
    assert [finding.hint for finding in check({word: 30}, {})] == [f"did you mean `{term}`?"]
