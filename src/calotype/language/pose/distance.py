"""How far one posture, as it is seen, is from another. Must not know what the distance is used for.

A picture made from another stays the same character when little changes: joints, where they are, what the body rests
on, and the side from which it is seen. All four are counted, in degrees or what is worth as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import dist
from typing import Any

from calotype.ground.digest import canonical_json
from calotype.language.pose.linear import Vector, subtract
from calotype.language.pose.posture import mirror
from calotype.language.pose.skeleton import STATURE
from calotype.language.pose.stance import rest, settled
from calotype.language.pose.terms import AXES, HAND, PELVIC, SIDES

POSITION = 100.0
"""One per cent of stature of mean joint displacement is worth a degree of mean joint angle."""
TURN, MOST_TURN = 0.5, 45.0
"""What a degree between two cameras is worth, and the most that another view can be."""
DETAIL = (*PELVIC, *HAND)
"""Axes that come on top of the mean, since few postures have them."""
BASE = 75.0
"""What it is worth to rest on something else: more than any view, for the whole body would have to be drawn anew."""

FACING = {"anterior": 0.0, "oblique": 38.0, "close-up": 60.0, "lateral": 90.0, "posterior": 180.0}
"""Degrees from the front at which each view looks at the body."""

MEASURED = (
    "head", "neck_1", "thoracic_2", "pelvis",
    *(f"{side}_{bone}" for side in SIDES for bone in ("upper_arm", "forearm", "hand", "thigh", "shank", "foot")),
)


def distance(
    one: Mapping[str, Any], other: Mapping[str, Any], view: str = "", other_view: str = "", mirrored: bool = False
) -> float:
    """Mean joint angle error of two canonical postures in degrees, plus the worth of displacement, base and view.

    `mirrored` takes the nearer of `one` and its mirror image. 0 for the same posture from the same side.
    """
    apart = _angles(one, other) + POSITION * _positions(one, other) + (0.0 if one["base"] == other["base"] else BASE)
    if mirrored:
        apart = min(apart, distance(mirror(one), other))
    if view and other_view:
        apart += min(MOST_TURN, TURN * abs(FACING[view] - FACING[other_view]))
    return apart


def _angles(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    one, other = settled(one), settled(other)
    total, count = 0.0, 0
    for axis in AXES:
        for side in SIDES if axis.laterality == "paired" else ("",):
            a, b = (posture.get(side, {}) if side else posture for posture in (one, other))
            total += abs(a.get(axis.name, 0.0) - b.get(axis.name, 0.0))
            count += axis.name not in DETAIL
    return total / count


def _positions(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Mean distance of the joints, seen from the pelvis, as a fraction of stature: whose they are is no matter."""
    a_joints, b_joints = (
        _joints(canonical_json({key: value for key, value in posture.items() if key != "figure"}).decode())
        for posture in (one, other)
    )
    return sum(dist(a, b) for a, b in zip(a_joints, b_joints, strict=True)) / len(a_joints) / STATURE


@lru_cache(maxsize=256)
def _joints(posture: str) -> tuple[Vector, ...]:
    import json

    skeleton = rest(json.loads(posture))
    middle = skeleton.position["pelvis"]
    return tuple(subtract(skeleton.position[bone], middle) for bone in MEASURED)
