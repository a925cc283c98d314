"""Placed props as simple pieces: chair, table, wall, bar, weights, mug. Must not know the camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.pose.linear import Vector
from calotype.language.pose.props.in_world import placed
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.skeleton import Skeleton

Array = NDArray[Any]

WOOD, STEEL, PLASTER, CERAMIC = "wood", "steel", "plaster", "ceramic"
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
    return [replace(piece, prop=prop.name) for prop in placed(posture, skeleton) for piece in DRAWN[prop.name](prop)]


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


def _by(point: Array, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Array:
    """The point, moved."""
    return np.asarray(point + np.array((x, y, z)))


def _edges(prop: Placed) -> tuple[float, float, float, float, float]:
    """Of what stands square to the world: rear, front, top, left, right."""
    x, _, z = prop.at
    length, top, breadth = prop.size
    return x - length / 2, x + length / 2, top, z - breadth / 2, z + breadth / 2


def _chair(prop: Placed) -> Iterator[Solid]:
    rear, front, top, left, right = _edges(prop)
    yield box((rear, top - 0.035, left), (front, top, right), WOOD)
    for leg_x in (rear + 0.005, front - 0.04):
        for leg_z in (left + 0.005, right - 0.04):
            yield box((leg_x, 0.0, leg_z), (leg_x + 0.035, top - 0.035, leg_z + 0.035), WOOD)
    for post in (left + 0.005, right - 0.04):
        yield box((rear, top, post), (rear + 0.03, top + 0.47, post + 0.035), WOOD)
    yield box((rear, top + 0.28, left + 0.005), (rear + 0.025, top + 0.46, right - 0.005), WOOD)


def _bench(prop: Placed) -> Iterator[Solid]:
    rear, front, top, left, right = _edges(prop)
    z = prop.at[2]
    yield box((rear, top - 0.07, left), (front, top, right), STEEL)
    for leg in (rear + 0.04, front - 0.09):
        yield box((leg, 0.0, z - 0.03), (leg + 0.05, top - 0.07, z + 0.03), STEEL)


def _table(prop: Placed) -> Iterator[Solid]:
    near, far, top, left, right = _edges(prop)
    yield box((near, top - 0.035, left), (far, top, right), WOOD)
    for x in (near + 0.03, far - 0.075):
        for z in (left + 0.03, right - 0.075):
            yield box((x, 0.0, z), (x + 0.045, top - 0.035, z + 0.045), WOOD)


def _wall(prop: Placed) -> Iterator[Solid]:
    x, _, z = prop.at
    thickness, height, breadth = prop.size
    length, across = (thickness, breadth) if prop.facing in (0.0, 180.0) else (breadth, thickness)
    yield box((x - length / 2, 0.0, z - across / 2), (x + length / 2, height, z + across / 2), PLASTER)


def _rod(prop: Placed) -> Iterator[Solid]:
    start, end = prop.path
    yield cylinder(np.array(start), np.array(end), prop.radius, STEEL)


def _barbell(prop: Placed) -> Iterator[Solid]:
    yield from _rod(prop)
    middle = np.array(prop.at)
    reach = abs(prop.path[1][2] - middle[2])
    for sign in (-1, 1):
        for inner, radius in ((0.16, 0.20), (0.11, 0.14)):
            at = _by(middle, z=sign * (reach - inner))
            yield cylinder(at, _by(at, z=sign * 0.04), radius, STEEL, 40)


def _dumbbell(prop: Placed) -> Iterator[Solid]:
    yield from _rod(prop)
    middle, end = np.array(prop.at), np.array(prop.path[1])
    axis = (end - middle) / np.linalg.norm(end - middle)
    for sign in (-1, 1):
        yield cylinder(middle + sign * 0.07 * axis, middle + sign * 0.14 * axis, 0.048, STEEL)


def _pulldown(prop: Placed) -> Iterator[Solid]:
    yield from _rod(prop)
    middle = np.array(prop.at)
    yield cylinder(middle, _by(middle, y=0.34), 0.007, STEEL, 10)


def _cable(prop: Placed) -> Iterator[Solid]:
    yield from _rod(prop)
    middle = np.array(prop.at)
    end = _by(middle, 0.75, -0.12)
    yield cylinder(middle, end, 0.007, STEEL, 10)
    yield box((end[0], 0.0, end[2] - 0.05), (end[0] + 0.07, end[1] + 0.12, end[2] + 0.05), STEEL)


def _step(prop: Placed) -> Iterator[Solid]:
    rear, front, top, left, right = _edges(prop)
    yield box((rear, min(0.0, top - 0.1), left), (front, top, right), WOOD)


def _mug(prop: Placed) -> Iterator[Solid]:
    base = _by(np.array(prop.at), y=-prop.size[1] / 2)
    yield cylinder(base, _by(base, y=prop.size[1]), prop.radius, CERAMIC)
    yield from _handle(_by(base, y=prop.size[1] / 2))


def _handle(middle: Array) -> Iterator[Solid]:
    """The mug's handle: three short rods on the side away from the drinker's face."""
    points = [_by(middle, x, y) for x, y in ((0.03, 0.03), (0.075, 0.028), (0.075, -0.028), (0.03, -0.03))]
    for start, end in pairwise(points):
        yield cylinder(start, end, 0.007, CERAMIC, 10)


def _mat(prop: Placed) -> Iterator[Solid]:
    rear, front, _, left, right = _edges(prop)
    yield box((rear, -prop.size[1], left), (front, 0.0, right), PLASTER)


Drawn = Callable[[Placed], Iterator[Solid]]
DRAWN: dict[str, Drawn] = {
    "chair": _chair, "bench": _bench, "table": _table, "wall": _wall, "bar": _rod, "step": _step,
    "barbell": _barbell, "dumbbell": _dumbbell, "pulldown": _pulldown, "cable": _cable, "mug": _mug, "mat": _mat,
}
"""The pieces of a prop of each kind."""
