"""Where hands hold what is carried: bars, weights, handles, a mug. Must not know furniture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import dist

from calotype.language.pose.linear import Vector, add, middle, scale, subtract
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.skeleton import Skeleton

GRIP = (0.0, -0.060, 0.020)
"""The middle of a closed fist in the hand's frame: fractions of stature, z towards the palm."""
PALM, ON_PALM = 0.008, -0.050
"""How far before the middle of a hand its palm is, and how far along the hand a ball lies: fractions of stature."""
RODS = {"bar": (0.016, 0.32), "barbell": (0.013, 0.38), "pulldown": (0.014, 0.12), "cable": (0.014, 0.05)}
"""Radius of each rod that hands hold, and how far it reaches beyond them."""
STICK, STICK_BEYOND = 0.0135, 0.16
"""The radius of a stick, and how far it reaches beyond each of two hands."""
MUG = (0.042, 0.10)
"""Radius and height."""


def fist(skeleton: Skeleton, side: str) -> Vector:
    """The middle of a closed fist."""
    sign = -1.0 if side == "right" else 1.0
    size = skeleton.stature
    return skeleton.point(f"{side}_hand", (GRIP[0] * size, GRIP[1] * size, sign * GRIP[2] * size))


def sides(parts: Sequence[str]) -> list[str]:
    return [part.partition("_")[0] for part in parts]


def rod(name: str, skeleton: Skeleton, parts: Sequence[str]) -> Iterator[Placed]:
    """A rod across the body, through the hands."""
    radius, beyond = RODS[name]
    fists = [fist(skeleton, side) for side in sides(parts)]
    centre = middle(fists)
    reach = max(abs(hand[2] - centre[2]) for hand in fists) + beyond
    ends = (add(centre, (0.0, 0.0, -reach)), add(centre, (0.0, 0.0, reach)))
    yield Placed(name, centre, path=ends, radius=radius)


def dumbbells(name: str, skeleton: Skeleton, parts: Sequence[str]) -> Iterator[Placed]:
    """One in each hand, along the fist."""
    for side in sides(parts):
        centre = fist(skeleton, side)
        along = scale(skeleton.axis(f"{side}_hand", 0), 0.09)
        yield Placed(name, centre, path=(add(centre, scale(along, -1.0)), add(centre, along)), radius=0.014)


def mug_in(skeleton: Skeleton, part: str) -> Placed:
    return mug_at(add(fist(skeleton, sides([part])[0]), (0.0, -0.05, 0.0)))


def ball_in(skeleton: Skeleton, part: str, radius: float) -> Placed:
    """A small ball on the palm of one hand."""
    side = sides([part])[0]
    size, sign = skeleton.stature, -1.0 if side == "right" else 1.0
    off = PALM * size + radius
    return Placed("ball", skeleton.point(f"{side}_hand", (GRIP[0] * size, ON_PALM * size, sign * off)), radius=radius)


def mug_at(base: Vector) -> Placed:
    """A mug that stands on a point."""
    radius, height = MUG
    return Placed("mug", add(base, (0.0, height / 2, 0.0)), size=(2 * radius, height, 2 * radius), radius=radius)


def stick(skeleton: Skeleton, parts: Sequence[str]) -> Placed:
    """A stick through both fists; in one it stands on the floor."""
    held = [fist(skeleton, side) for side in sides(parts)]
    if len(held) == 1:
        top = add(held[0], (0.0, 0.06, 0.0))
        ends = ((top[0], 0.0, top[2]), top)
    else:
        way = subtract(held[1], held[0])
        beyond = scale(way, STICK_BEYOND / max(dist(held[0], held[1]), 1e-6))
        ends = (subtract(held[0], beyond), add(held[1], beyond))
    return Placed("stick", middle(ends), path=ends, radius=STICK)
