"""The joints of a hand: what a hand therapist's terms make of each finger and of the thumb. Must not know drawings."""

from __future__ import annotations

from collections.abc import Mapping

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.terms import HAND

RELAXED = 8.0
"""Degrees that each finger joint bends at rest, when the pose says nothing of the fingers."""
SHARE = 0.9
"""Of a flexion of whole fingers, what each of the two joints that are drawn of them takes."""
FINGERS = ("index", "middle", "ring", "little")
SPREAD = {"index": 1.0, "middle": 0.15, "ring": -0.7, "little": -1.4}
"""Of an abduction of the fingers, how far each goes from the middle of the hand; positive towards the thumb."""
FOLLOWS = 0.65
"""The last joint of a finger bends by so much of the one before it, as tendons have it."""
THUMB_MCP = 0.6
"""Of a flexion of the thumb, what its middle joint takes; the last takes all of it."""


@dataclass(frozen=True, slots=True)
class Finger:
    """One finger, in degrees: `spread` towards the thumb, and flexion at knuckle, middle and last joint."""

    spread: float
    knuckle: float
    middle: float
    last: float


@dataclass(frozen=True, slots=True)
class Thumb:
    """The thumb, in degrees: `abduction` before the palm, `opposition` across it, flexion of its two last joints."""

    abduction: float
    opposition: float
    middle: float
    last: float


def hands(sides: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """What a posture says of the fingers and thumbs of both sides, where it says anything of single ones, of their
    joints or of a thumb; else {}."""
    if not any(angles.get(axis) for angles in sides.values() for axis in HAND):
        return {}
    return {side: {axis: float(angles[axis]) for axis in ("finger_flexion", *HAND) if angles.get(axis)}
            for side, angles in sides.items()}


def whole(angles: Mapping[str, float]) -> tuple[float, float]:
    """Flexion of the knuckles and of the middle joints of all fingers, in degrees."""
    both = RELAXED + angles.get("finger_flexion", 0.0) * SHARE
    return both + angles.get("finger_mcp_flexion", 0.0), both + angles.get("finger_pip_flexion", 0.0)


def finger(angles: Mapping[str, float], name: str) -> Finger:
    """One of FINGERS: its own flexion adds to that of all."""
    knuckle, middle = (joint + angles.get(f"{name}_flexion", 0.0) * SHARE for joint in whole(angles))
    last = FOLLOWS * (middle - RELAXED) + angles.get("finger_dip_flexion", 0.0)
    return Finger(angles.get("finger_abduction", 0.0) * SPREAD[name], knuckle, middle, last)


def thumb(angles: Mapping[str, float]) -> Thumb:
    flexion = angles.get("thumb_flexion", 0.0)
    return Thumb(
        angles.get("thumb_abduction", 0.0), angles.get("thumb_opposition", 0.0), THUMB_MCP * flexion, flexion)
