"""Single fingers and thumbs as bones of the drawing: where they are in the neutral hand and in a posed one.

They are only there for figures whose pose says more of a hand than that it closes. Must not know meshes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.linear import Rotation, Vector, about_x, about_y, about_z, add, scale, times, turn
from calotype.language.pose.skeleton import RELAXED, SHARE, Skeleton, knuckles_and_joints
from calotype.language.pose.terms import SIDES
from calotype.workers.render.mannequin import anatomy
from calotype.workers.render.mannequin.anatomy import KNUCKLE, Loft

FINGERS = ("index", "middle", "ring", "little")
SPREAD = {"index": 1.0, "middle": 0.15, "ring": -0.7, "little": -1.4}
"""Of an abduction of the fingers, how far each goes from the middle of the hand; positive towards the thumb."""
FOLLOWS = 0.65
"""The last joint of a finger bends by so much of the one before it, as tendons have it."""
THUMB_MCP = 0.6
"""Of a flexion of the thumb, what its middle joint takes; the last takes all of it."""
PHALANGES = {"index": (0.024, 0.0145), "middle": (0.0265, 0.016), "ring": (0.0245, 0.015), "little": (0.0195, 0.012)}
"""From knuckle to middle joint, and on to the last, in fractions of stature."""
THUMB = (0.012, -0.013, -0.003)
"""The root of the thumb from the wrist: towards the thumb, along the hand, and out of the palm's back."""
METACARPAL, PROXIMAL = 0.0255, 0.0185
ASIDE, BEFORE = 24.0, 10.0
"""Degrees by which the thumb at rest points away from the hand, in its plane and before the palm."""
ACROSS, AWAY, ROLLED = 0.75, 0.75, 1.3
"""What a degree of opposition is across the palm, before it, and about the thumb's own length."""


class Placed(NamedTuple):
    """A bone in the world: its joint, in metres, and its rotation."""

    position: Vector
    rotation: Rotation


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


def finger(angles: Mapping[str, float], name: str) -> Finger:
    """One of FINGERS: its own flexion adds to that of all."""
    knuckle, middle = (joint + angles.get(f"{name}_flexion", 0.0) * SHARE for joint in knuckles_and_joints(angles))
    last = FOLLOWS * (middle - RELAXED) + angles.get("finger_dip_flexion", 0.0)
    return Finger(angles.get("finger_abduction", 0.0) * SPREAD[name], knuckle, middle, last)


def thumb(angles: Mapping[str, float]) -> Thumb:
    flexion = angles.get("thumb_flexion", 0.0)
    return Thumb(
        angles.get("thumb_abduction", 0.0), angles.get("thumb_opposition", 0.0), THUMB_MCP * flexion, flexion)


def names(side: str) -> list[str]:
    """The bones of one hand, parents first."""
    return [f"{side}_{name}_{number}" for name in (*FINGERS, "thumb") for number in (1, 2, 3)]


def neutral(right: Vector, side: str) -> list[Vector]:
    """Where the joints of `names` are in the neutral hand, straight down, in fractions of stature: `right` is the right
    wrist. The thumb too is straight there: it is turned aside when it is posed."""
    s = 1.0 if side == "right" else -1.0
    x, y, z = right
    places: list[Vector] = []
    for name in FINGERS:
        along, low = ROOTS[name], y + KNUCKLE
        first, second = PHALANGES[name]
        places += [(x + along, height, s * z) for height in (low, low - first, low - first - second)]
    ahead, down, out = THUMB
    for length in (0.0, METACARPAL, METACARPAL + PROXIMAL):
        places.append((x + ahead, y + down - length, s * (z + out)))
    return places


ROOTS = {"index": 0.0185, "middle": 0.0065, "ring": -0.0055, "little": -0.0165}
"""How far each knuckle is from the middle of the hand, towards the thumb."""


def posed(skeleton: Skeleton, side: str) -> list[Placed]:
    """The bones of `names`, in the world."""
    s, size = (1.0 if side == "right" else -1.0), skeleton.stature
    angles, hand = skeleton.hands.get(side, {}), skeleton.rotation[f"{side}_hand"]
    wrist = skeleton.position[f"{side}_hand"]
    bones: list[Placed] = []
    for name in FINGERS:
        bent = finger(angles, name)
        first, second = PHALANGES[name]
        bones += _chain(
            add(wrist, turn(hand, scale((ROOTS[name], KNUCKLE, 0.0), size))),
            (times(hand, times(about_z(bent.spread), about_x(s * bent.knuckle))), about_x(s * bent.middle),
             about_x(s * bent.last)), (first * size, second * size))
    own = thumb(angles)
    ahead, down, out = THUMB
    root = times(hand, times(
        about_z(ASIDE - ACROSS * own.opposition),
        times(about_x(s * (BEFORE + own.abduction + AWAY * own.opposition)), about_y(s * ROLLED * own.opposition))))
    bones += _chain(
        add(wrist, turn(hand, scale((ahead, down, s * out), size))),
        (root, about_z(-own.middle), about_z(-own.last)), (METACARPAL * size, PROXIMAL * size))
    return bones


def _chain(
    at: Vector, turns: tuple[Rotation, Rotation, Rotation], lengths: tuple[float, float]
) -> list[Placed]:
    placed = [Placed(at, turns[0])]
    for turned, length in zip(turns[1:], lengths, strict=True):
        before = placed[-1]
        placed.append(Placed(add(before.position, turn(before.rotation, (0.0, -length, 0.0))),
                             times(before.rotation, turned)))
    return placed


def lofts() -> tuple[Loft, ...]:
    """The skins of four fingers and a thumb whose joints bend one by one."""
    return (*(_finger(loft) for loft in anatomy.FINGERS), _thumb())


def _finger(whole: Loft) -> Loft:
    low = anatomy.WRIST_Y + KNUCKLE
    first, second = PHALANGES[whole.part]
    bones = (("hand", 1.0, 0.0), (f"{whole.part}_1", low, 0.008), (f"{whole.part}_2", low - first, 0.006),
             (f"{whole.part}_3", low - first - second, 0.004))
    return Loft(whole.part, bones, whole.sections, sides=12, step=0.003)


def _thumb() -> Loft:
    x, y, z = (base + off for base, off in zip(
        (anatomy.SHOULDER_X, anatomy.WRIST_Y, anatomy.SHOULDER_Z), THUMB, strict=True))
    profile = ((0.004, 0.0020), (0.001, 0.0085), (-0.006, 0.0112), (-0.018, 0.0105), (-0.0265, 0.0088),
               (-0.036, 0.0082), (-0.0445, 0.0078), (-0.052, 0.0074),
               (-0.057, 0.0060), (-0.0595, 0.0036), (-0.0603, 0.0004))
    sections = tuple((y + along, x, z, radius, radius, radius) for along, radius in profile)
    bones = (("thumb_1", 1.0, 0.0), ("thumb_2", y - METACARPAL, 0.006),
             ("thumb_3", y - METACARPAL - PROXIMAL, 0.005))
    return Loft("thumb", bones, sections, sides=14, step=0.003)


def all_names() -> list[str]:
    return [name for side in SIDES for name in names(side)]
