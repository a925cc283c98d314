"""Simple props, put where the body touches them: chair, table, wall, bar, weights, mug. Must not know the camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.pose.contact.touch import wall_normal
from calotype.language.pose.linear import Vector
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.stance import contacts, spheres
from calotype.language.pose.terms import SIDES

Array = NDArray[Any]

WOOD, STEEL, PLASTER, CERAMIC = "wood", "steel", "plaster", "ceramic"
GRIP = (0.0, -0.060, 0.020)
"""The middle of a closed fist in the hand's frame: fractions of stature, z towards the palm."""
SEAT = 0.219
"""The height of the seat of someone who sits with knees at right angles: a fraction of stature."""


@dataclass(frozen=True, slots=True)
class Solid:
    """A convex piece: `vertices` (V, 3) in metres, flat faces of triangles (T, 3) with `face` (T,) numbering them.

    `prop` is what it is a piece of."""

    vertices: Array
    triangles: Array
    face: Array
    material: str
    prop: str = ""


def props(posture: Mapping[str, Any], skeleton: Skeleton) -> list[Solid]:
    """Every piece of every prop that the posture touches, holds or has beside it."""
    touching = contacts(posture)
    solids: list[Solid] = []
    for surface in sorted(set(touching.values())):
        parts = [part for part, other in touching.items() if other == surface]
        if surface == "wall":
            walls = _wall(skeleton, parts, wall_normal(posture, skeleton, parts))
            solids += [replace(piece, prop=surface) for piece in walls]
        elif surface in MAKERS:
            solids += [replace(piece, prop=surface) for piece in MAKERS[surface](skeleton, parts)]
    for name in posture.get("props", ()):
        if name not in touching.values():
            solids += [replace(piece, prop=name) for piece in SCENERY[name](skeleton, [])]
    return solids


def box(low: Vector, high: Vector, material: str) -> Solid:
    corners = np.array([[(low, high)[i][0], (low, high)[j][1], (low, high)[k][2]]
                        for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    quads = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    triangles = np.array([corner for a, b, c, d in quads for corner in ((a, b, c), (a, c, d))])
    return Solid(corners, triangles, np.repeat(np.arange(6), 2), material)


def cylinder(start: Array, end: Array, radius: float, material: str, sides: int = 24) -> Solid:
    """A closed cylinder; its round side is one face, so that only its rims are drawn."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    axis = (end - start) / np.linalg.norm(end - start)
    across = np.cross(axis, (0.0, 1.0, 0.0) if abs(axis[1]) < 0.9 else (1.0, 0.0, 0.0))
    across /= np.linalg.norm(across)
    other = np.cross(axis, across)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    rim = radius * (np.cos(angle)[:, None] * across + np.sin(angle)[:, None] * other)
    vertices = np.concatenate([start + rim, end + rim, [start], [end]])
    i, j = np.arange(sides), (np.arange(sides) + 1) % sides
    triangles = np.concatenate([
        np.stack([i, j, i + sides], 1), np.stack([j, j + sides, i + sides], 1),
        np.stack([j, i, np.full(sides, 2 * sides)], 1),
        np.stack([i + sides, j + sides, np.full(sides, 2 * sides + 1)], 1),
    ])
    return Solid(vertices, triangles, np.repeat([0, 0, 1, 2], sides), material)


def fist(skeleton: Skeleton, side: str) -> Array:
    sign = -1.0 if side == "right" else 1.0
    size = skeleton.stature
    local = (GRIP[0] * size, GRIP[1] * size, sign * GRIP[2] * size)
    return np.array(skeleton.point(f"{side}_hand", local))


def _by(point: Array, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Array:
    """The point, moved."""
    return np.asarray(point + np.array((x, y, z)))


def _low(skeleton: Skeleton, parts: list[str]) -> float:
    return min(at[1] - radius for at, radius in spheres(skeleton, parts))


def _chair(skeleton: Skeleton, parts: list[str]) -> Iterator[Solid]:
    x, _, z = skeleton.position["pelvis"]
    front, top = (x + 0.24, _low(skeleton, parts)) if parts else _free_seat(skeleton)
    rear, half = front - 0.44, 0.21
    yield box((rear, top - 0.035, z - half), (front, top, z + half), WOOD)
    for leg_x in (rear + 0.005, front - 0.04):
        for leg_z in (z - half + 0.005, z + half - 0.04):
            yield box((leg_x, 0.0, leg_z), (leg_x + 0.035, top - 0.035, leg_z + 0.035), WOOD)
    for post in (z - half + 0.005, z + half - 0.04):
        yield box((rear, top, post), (rear + 0.03, top + 0.47, post + 0.035), WOOD)
    yield box((rear, top + 0.28, z - half + 0.005), (rear + 0.025, top + 0.46, z + half - 0.005), WOOD)


def _free_seat(skeleton: Skeleton) -> tuple[float, float]:
    """Front edge and height of a seat that nothing touches: below who rises from it, else behind the body."""
    top = SEAT * skeleton.stature
    legs = spheres(skeleton, [f"{side}_{part}" for side in SIDES for part in ("shin", "foot")])
    front = min(skeleton.position["pelvis"][0] + 0.24, min(at[0] - radius for at, radius in legs) - 0.02)
    body = spheres(skeleton)
    over = [at[1] - radius for at, radius in body if front - 0.44 < at[0] + radius and at[0] - radius < front]
    if min(over, default=top) >= 0.75 * top:
        return front, min([*over, top])
    return min(at[0] - radius for at, radius in body) - 0.02, top


def _bench(skeleton: Skeleton, parts: list[str]) -> Iterator[Solid]:
    top = _low(skeleton, parts)
    x, _, z = skeleton.position["pelvis"]
    yield box((x - 0.20, top - 0.07, z - 0.17), (x + 0.22, top, z + 0.17), STEEL)
    for leg in (x - 0.16, x + 0.13):
        yield box((leg, 0.0, z - 0.03), (leg + 0.05, top - 0.07, z + 0.03), STEEL)


def _table(skeleton: Skeleton, parts: list[str]) -> Iterator[Solid]:
    if not parts:
        yield from _slab(*_desk(skeleton))
        return
    touching = spheres(skeleton, parts)
    near = min(at[0] for at, _ in touching) - 0.12
    inner, outer = min(at[2] for at, _ in touching) - 0.14, max(at[2] for at, _ in touching) + 0.14
    if {part.split("_")[0] for part in parts} == {"left"}:
        inner -= 0.30
    elif {part.split("_")[0] for part in parts} == {"right"}:
        outer += 0.30
    yield from _slab(_low(skeleton, parts), near, near + 0.50, inner, outer)


def _slab(top: float, near: float, far: float, left: float, right: float) -> Iterator[Solid]:
    yield box((near, top - 0.035, left), (far, top, right), WOOD)
    for x in (near + 0.03, far - 0.075):
        for z in (left + 0.03, right - 0.075):
            yield box((x, 0.0, z), (x + 0.045, top - 0.035, z + 0.045), WOOD)


def _desk(skeleton: Skeleton) -> tuple[float, float, float, float, float]:
    """A table for someone seated at it: just above the thighs, in front of the chest."""
    thigh = max(skeleton.position[f"{side}_shank"][1] for side in SIDES)
    x = skeleton.position["pelvis"][0]
    return thigh + 0.15, x + 0.30, x + 0.95, -0.45, 0.45


def _wall(skeleton: Skeleton, parts: list[str], normal: Vector) -> Iterator[Solid]:
    """A wall on the side of the body that `normal` points away from."""
    axis, sense = (0, -normal[0]) if normal[0] else (2, -normal[2])
    face = max(sense * at[axis] + radius for at, radius in spheres(skeleton, parts))
    near, far = sorted((sense * face, sense * (face + 0.06)))
    if axis == 0:
        yield box((near, 0.0, -0.50), (far, 1.86, 0.50), PLASTER)
    else:
        yield box((-0.50, 0.0, near), (0.50, 1.86, far), PLASTER)


def _bar(skeleton: Skeleton, parts: list[str]) -> Iterator[Solid]:
    yield from _rod(skeleton, parts, 0.016, 0.32)


def _rod(skeleton: Skeleton, parts: list[str], radius: float, beyond: float) -> Iterator[Solid]:
    fists = [fist(skeleton, part.split("_")[0]) for part in parts]
    middle = np.mean(fists, axis=0)
    reach = max(abs(hand[2] - middle[2]) for hand in fists) + beyond
    yield cylinder(_by(middle, z=-reach), _by(middle, z=reach), radius, STEEL)


def _barbell(skeleton: Skeleton, parts: list[str]) -> Iterator[Solid]:
    rod, = _rod(skeleton, parts, 0.013, 0.38)
    yield rod
    middle = rod.vertices.mean(axis=0)
    reach = abs(rod.vertices[:, 2] - middle[2]).max()
    for sign in (-1, 1):
        for inner, radius in ((0.16, 0.20), (0.11, 0.14)):
            at = _by(middle, z=sign * (reach - inner))
            yield cylinder(at, _by(at, z=sign * 0.04), radius, STEEL, 40)


def _dumbbell(skeleton: Skeleton, parts: list[str]) -> Iterator[Solid]:
    for part in parts:
        side = part.split("_")[0]
        middle = fist(skeleton, side)
        axis = np.array(skeleton.rotation[f"{side}_hand"])[:, 0]
        yield cylinder(middle - 0.09 * axis, middle + 0.09 * axis, 0.014, STEEL)
        for sign in (-1, 1):
            yield cylinder(middle + sign * 0.07 * axis, middle + sign * 0.14 * axis, 0.048, STEEL)


def _pulldown(skeleton: Skeleton, parts: list[str]) -> Iterator[Solid]:
    rod, = _rod(skeleton, parts, 0.014, 0.12)
    yield rod
    middle = rod.vertices.mean(axis=0)
    yield cylinder(middle, _by(middle, y=0.34), 0.007, STEEL, 10)


def _cable(skeleton: Skeleton, parts: list[str]) -> Iterator[Solid]:
    rod, = _rod(skeleton, parts, 0.014, 0.05)
    yield rod
    middle = rod.vertices.mean(axis=0)
    end = _by(middle, 0.75, -0.12)
    yield cylinder(middle, end, 0.007, STEEL, 10)
    yield box((end[0], 0.0, end[2] - 0.05), (end[0] + 0.07, end[1] + 0.12, end[2] + 0.05), STEEL)


def _step(skeleton: Skeleton, parts: list[str]) -> Iterator[Solid]:
    touching = spheres(skeleton, parts)
    xs = [at[0] for at, _ in touching]
    top = _low(skeleton, parts)
    yield box((min(xs) - 0.04, min(0.0, top - 0.1), -0.3), (max(xs) + 0.2, top, 0.3), WOOD)


def _mug(skeleton: Skeleton, parts: list[str]) -> Iterator[Solid]:
    if parts:
        base = _by(fist(skeleton, parts[0].split("_")[0]), y=-0.05)
    else:
        top, near, *_ = _desk(skeleton)
        base = np.array([near + 0.17, top, 0.16])
    yield cylinder(base, _by(base, y=0.10), 0.042, CERAMIC)
    yield from _handle(_by(base, y=0.05))


def _handle(middle: Array) -> Iterator[Solid]:
    """The mug's handle: three short rods on the side away from the drinker's face."""
    points = [_by(middle, x, y) for x, y in ((0.03, 0.03), (0.075, 0.028), (0.075, -0.028), (0.03, -0.03))]
    for start, end in pairwise(points):
        yield cylinder(start, end, 0.007, CERAMIC, 10)


def _mat(skeleton: Skeleton, parts: list[str]) -> Iterator[Solid]:
    xs = [at[0] for at, _ in spheres(skeleton)]
    yield box((min(xs) - 0.15, -0.012, -0.35), (max(xs) + 0.15, 0.0, 0.35), PLASTER)


Maker = Callable[[Skeleton, list[str]], Iterator[Solid]]
MAKERS: dict[str, Maker] = {
    "chair": _chair, "bench": _bench, "table": _table, "bar": _bar, "step": _step,
    "barbell": _barbell, "dumbbell": _dumbbell, "pulldown": _pulldown, "cable": _cable, "mug": _mug,
}
SCENERY: dict[str, Maker] = {"table": _table, "chair": _chair, "mug": _mug, "mat": _mat}
