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
from calotype.ground.light_dataclass import dataclass
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
_WHOLE = sum(
    len(SIDES) if axis.laterality == "paired" else 1 for axis in AXES if axis.name not in DETAIL)
"""Of so many angles the mean is taken."""
BASE = 75.0
"""What it is worth to rest on something else: more than any view, for the whole body would have to be drawn anew."""

FACING = {"anterior": 0.0, "oblique": 38.0, "close-up": 60.0, "lateral": 90.0, "posterior": 180.0}
"""Degrees from the front at which each view looks at the body."""

MEASURED = (
    "head", "neck_1", "thoracic_2", "pelvis",
    *(f"{side}_{bone}" for side in SIDES for bone in ("upper_arm", "forearm", "hand", "thigh", "shank", "foot")),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What of a canonical posture is compared: its angles by axis and side in degrees, its joints in metres from the
    pelvis, what it rests on."""

    angles: tuple[float, ...]
    joints: tuple[Vector, ...]
    base: str


def shape(posture: Mapping[str, Any]) -> Shape:
    at_rest = settled(posture)
    angles = (
        (at_rest.get(side, {}) if side else at_rest).get(axis.name, 0.0)
        for axis in AXES for side in (SIDES if axis.laterality == "paired" else ("",)))
    whose = canonical_json({key: value for key, value in posture.items() if key != "figure"}).decode()
    return Shape(tuple(angles), _joints(whose), posture["base"])


def distance(
    one: Mapping[str, Any], other: Mapping[str, Any], view: str = "", other_view: str = "", mirrored: bool = False
) -> float:
    """Mean joint angle error of two canonical postures in degrees, plus the worth of displacement, base and view.

    `mirrored` takes the nearer of `one` and its mirror image. 0 for the same posture from the same side.
    """
    second = shape(other)
    apart = between(shape(one), second)
    if mirrored:
        apart = min(apart, between(shape(mirror(one)), second))
    if view and other_view:
        apart += min(MOST_TURN, TURN * abs(FACING[view] - FACING[other_view]))
    return apart


def between(one: Shape, other: Shape) -> float:
    """The distance of two postures, whatever side they are seen from: left and right are told apart."""
    angles = sum(abs(a - b) for a, b in zip(one.angles, other.angles, strict=True)) / _WHOLE
    joints = sum(dist(a, b) for a, b in zip(one.joints, other.joints, strict=True)) / len(one.joints) / STATURE
    return angles + POSITION * joints + (0.0 if one.base == other.base else BASE)


def turn(view: str, side: str, other_view: str, other_side: str) -> float:
    """What it is worth to see the body from elsewhere; the left profile and the right one are half a turn apart."""
    degrees = abs(_camera(view, side) - _camera(other_view, other_side)) % 360
    return min(MOST_TURN, TURN * min(degrees, 360 - degrees))


def _camera(view: str, side: str) -> float:
    """Degrees from the front, to the subject's right."""
    return -FACING[view] if side == "left" else FACING[view]


@lru_cache(maxsize=256)
def _joints(posture: str) -> tuple[Vector, ...]:
    import json

    skeleton = rest(json.loads(posture))
    middle = skeleton.position["pelvis"]
    return tuple(subtract(skeleton.position[bone], middle) for bone in MEASURED)
