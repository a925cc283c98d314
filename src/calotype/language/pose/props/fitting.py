"""How far a body passes through props, and which of the places that one may take is clear of it.

Must not know what a prop is for. Lengths are metres.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import cos, dist, hypot, radians, sin

from calotype.language.pose.contact.surfaces import spheres, tips
from calotype.language.pose.contact.touch import capsule
from calotype.language.pose.linear import Vector, add, scale, subtract
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.props.prop_kinds import BACK_REST, JAMB
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.terms import SIDES

CLEAR_ENOUGH = 0.005
"""Metres that a body may press into a prop, where no other place is looked for."""
CLEAR = 0.10
"""Between the body and what stands by."""
TOWARDS = {"front": (1.0, 0.0), "behind": (-1.0, 0.0), "left": (0.0, -1.0), "right": (0.0, 1.0)}
"""x and z of each side."""
FLESH = 0.01
"""Metres by which a limb gives."""
ALONG = (0.0, 0.33, 0.67, 1.0)
LIMBS = ("upper_arm", "forearm", "thigh", "shank")

Sphere = tuple[Vector, float]
Box = tuple[Vector, Vector]
"""Its lowest and its highest corner, about where the prop stands, before it is turned."""


def body(skeleton: Skeleton) -> list[Sphere]:
    """The body as spheres: its surface, its limbs along their length, its trunk."""
    whole = [*spheres(skeleton), *tips(skeleton)]
    names = ("chest", "abdomen", "pelvis", *(f"{side}_{limb}" for side in SIDES for limb in LIMBS))
    for name in names:
        start, end, first, last = capsule(skeleton, name)
        whole += [
            (add(start, scale(subtract(end, start), t)), first + (last - first) * t - FLESH) for t in ALONG
        ]
    return whole


def boxes(prop: Placed) -> Iterator[Box]:
    """The solid parts of what stands."""
    length, top, breadth = prop.size
    x, z = length / 2, breadth / 2
    if prop.name in ("chair", "stool", "table"):
        yield (-x, top - 0.04, -z), (x, top, z)
    if prop.name == "chair":
        yield (-x, top + 0.25, -z), (0.03 - x, top + BACK_REST, z)
    if prop.name == "bench":
        yield (-x, top - 0.07, -z), (x, top, z)
    if prop.name == "bed":
        yield (-x, max(0.0, top - 0.25), -z), (x, top, z)
    if prop.name in ("step", "wall"):
        yield (-x, 0.0, -z), (x, top, z)
    if prop.name == "doorway":
        yield (-x, 0.0, -z - JAMB), (x, top, -z)
        yield (-x, 0.0, z), (x, top, z + JAMB)
        yield (-x, top, -z - JAMB), (x, top + JAMB, z + JAMB)


def depth(prop: Placed, whole: Sequence[Sphere]) -> float:
    """Metres by which a body of spheres is in a prop at most; negative or 0 where it is not."""
    if prop.name == "ball":
        return prop.radius - min(dist(at, prop.at) - radius for at, radius in whole)
    deepest = 0.0
    for low, high in boxes(prop):
        for at, radius in whole:
            deepest = max(deepest, radius - _outside(_local(prop, at), low, high))
    return deepest


def _local(prop: Placed, at: Vector) -> Vector:
    """A point about where the prop stands, before it is turned."""
    x, y, z = at[0] - prop.at[0], at[1] - prop.at[1], at[2] - prop.at[2]
    if prop.facing == 0.0:
        return (x, y, z)
    c, s = cos(radians(prop.facing)), sin(radians(prop.facing))
    return (x * c - z * s, y, x * s + z * c)


def _outside(at: Vector, low: Vector, high: Vector) -> float:
    """How far a point is outside a box; negative inside: how far in, to the nearest face."""
    beyond = [max(a - p, p - b) for p, a, b in zip(at, low, high, strict=True)]
    if max(beyond) <= 0:
        return max(beyond)
    return hypot(*(max(0.0, way) for way in beyond))


def clearest(candidates: Iterable[Placed], skeleton: Skeleton, enough: float = CLEAR_ENOUGH) -> Placed:
    """The first of some places that a body is in no deeper than `enough`; where none is, the clearest."""
    whole = body(skeleton)
    best: tuple[float, Placed] | None = None
    for prop in candidates:
        deep = depth(prop, whole)
        if deep <= enough:
            return prop
        if best is None or deep < best[0] - 0.001:
            best = (deep, prop)
    assert best is not None
    return best[1]


def reach(prop: Placed, axis: int, sense: float) -> float:
    """How far what stands goes along an axis of the world."""
    length, _, breadth = prop.size
    across = (axis == 0) == (prop.facing in (0.0, 180.0))
    half = prop.radius if prop.name == "ball" else (length if across else breadth) / 2
    return sense * prop.at[axis] + half


def edge(skeleton: Skeleton, side: str, beyond: float) -> tuple[float, float]:
    """The point so far beyond the body on one side, level with the pelvis."""
    pelvis = skeleton.position["pelvis"]
    dx, dz = TOWARDS[side]
    reach = max(at[0] * dx + at[2] * dz + radius for at, radius in spheres(skeleton)) + beyond
    return (dx * reach if dx else pelvis[0]), (dz * reach if dz else pelvis[2])
