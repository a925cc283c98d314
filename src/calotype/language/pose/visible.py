"""What is plain to see of a body at rest, which the words of an alt text may then say. Must not know words.

Angles are told against the limb above: whether a palm faces up, or a hand is over the head, only the body tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.pose.linear import Vector, turn
from calotype.language.pose.stance import contacts, lowest, rest, settled
from calotype.language.pose.terms import SIDES

GROUND = ("floor", "step", "chair", "bench", "table", "wall", "bed", "ball")
"""What a sole may stand flat on."""
_RAISED = 0.06
"""Metres that a pelvis is higher than it lies, where it is said to be raised."""
_FACING = 0.5
"""The cosine of 60 degrees: a palm that is turned further from the vertical faces neither up nor down."""
_EARS = 0.045
"""How far the ears are above the joint of head and neck, in stature."""
_CLEAR = 0.005
"""Metres over the floor from which on a part is lifted."""


def palms(posture: Mapping[str, Any]) -> dict[str, str]:
    """Which way each palm faces, by its side: up, down or ""."""
    body = rest(posture)
    faces = {}
    for side, inward in zip(SIDES, (1.0, -1.0), strict=True):
        _, height, _ = turn(body.rotation[f"{side}_hand"], (0.0, 0.0, inward))
        faces[side] = "up" if height > _FACING else "down" if height < -_FACING else ""
    return faces


def overhead(posture: Mapping[str, Any], side: str) -> bool:
    """Whether a hand is beyond the ears, as the trunk sees it: of someone lying down, too."""
    body = rest(posture)
    up: Vector = turn(body.rotation["thoracic_3"], (0.0, 1.0, 0.0))
    reach = zip(body.position[f"{side}_hand"], body.position["head"], up, strict=True)
    return sum((hand - head) * along for hand, head, along in reach) > _EARS * body.stature


def lifted(posture: Mapping[str, Any], part: str) -> bool:
    """Whether a part is off the floor."""
    return lowest(rest(posture), [part]) > _CLEAR


def pelvis_up(posture: Mapping[str, Any]) -> bool:
    """Whether someone on the back holds the pelvis up on the feet."""
    touching = contacts(settled(posture))
    feet = any(touching.get(f"{side}_{part}") == "floor" for side in SIDES for part in ("foot", "heel", "toes"))
    if posture["base"] not in ("supine", "crook_lying") or not feet:
        return False
    lying = {"base": posture["base"], **({"figure": posture["figure"]} if "figure" in posture else {})}
    return bool(rest(posture).position["pelvis"][1] - rest(lying).position["pelvis"][1] >= _RAISED)


def flat(posture: Mapping[str, Any], side: str) -> bool:
    """Whether a sole lies on what is below: it is never said to be pointed."""
    rested = settled(posture)
    toes = rested if posture["base"] == "standing" else posture  # under someone who stands, toes give way for a heel
    surface = contacts(rested).get(f"{side}_foot", "")
    return surface in GROUND and abs(toes.get(side, {}).get("toe_extension", 0.0)) < 5.0


def on_the_ball(posture: Mapping[str, Any], side: str) -> bool:
    """Whether a foot stands on its ball: the toes bend as far as the ankle points, and tell it all."""
    angles, touching = posture.get(side, {}), contacts(settled(posture))
    stands = any(touching.get(f"{side}_{part}") in GROUND for part in ("foot", "toes"))
    return stands and abs(angles.get("ankle_dorsiflexion", 0.0) + angles.get("toe_extension", 0.0)) < 8.0
