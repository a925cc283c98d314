"""What is plain to see of a body at rest, which the words of an alt text may then say. Must not know words.

Angles are told against the limb above: whether a palm faces up, or a hand is over the head, only the body tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.pose.contact.surfaces import contacts, lowest
from calotype.language.pose.linear import Vector, turn
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.terms import SIDES

GROUND = ("floor", "step", "chair", "stool", "bench", "table", "wall", "bed", "ball")
"""What a sole may stand flat on."""
_FACING = 0.5
"""The cosine of 60 degrees: a palm that is turned further from the vertical faces neither up nor down."""
_EARS = 0.045
"""How far the ears are above the joint of head and neck, in stature."""
_CLEAR = 0.005
"""Metres over the floor from which on a part is lifted."""


def palms(body: Skeleton) -> dict[str, str]:
    """Which way each palm faces, by its side: up, down or ""."""
    faces = {}
    for side, inward in zip(SIDES, (1.0, -1.0), strict=True):
        _, height, _ = turn(body.rotation[f"{side}_hand"], (0.0, 0.0, inward))
        faces[side] = "up" if height > _FACING else "down" if height < -_FACING else ""
    return faces


def overhead(body: Skeleton, side: str) -> bool:
    """Whether a hand is beyond the ears, as the trunk sees it: of someone lying down, too."""
    up: Vector = turn(body.rotation["thoracic_3"], (0.0, 1.0, 0.0))
    reach = zip(body.position[f"{side}_hand"], body.position["head"], up, strict=True)
    return sum((hand - head) * along for hand, head, along in reach) > _EARS * body.stature


def lifted(body: Skeleton, part: str) -> bool:
    """Whether a part is off the floor."""
    return lowest(body, [part]) > _CLEAR


def flat(posture: Mapping[str, Any], rested: Mapping[str, Any], side: str) -> bool:
    """Whether a sole lies on what is below, once the posture has `rested`: it is never said to be pointed."""
    toes = rested if posture["base"] == "standing" else posture  # under someone who stands, toes give way for a heel
    surface = contacts(rested).get(f"{side}_foot", "")
    return surface in GROUND and abs(toes.get(side, {}).get("toe_extension", 0.0)) < 5.0


def on_the_ball(posture: Mapping[str, Any], touching: Mapping[str, str], side: str) -> bool:
    """Whether a foot stands on its ball: the toes bend as far as the ankle points, and tell it all."""
    angles = posture.get(side, {})
    stands = any(touching.get(f"{side}_{part}") in GROUND for part in ("foot", "toes"))
    return stands and abs(angles.get("ankle_dorsiflexion", 0.0) + angles.get("toe_extension", 0.0)) < 8.0
