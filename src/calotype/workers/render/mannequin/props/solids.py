"""Pieces of props as triangles: boxes, cylinders, balls, cushions. Must not know what they are pieces of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.linear import Vector

Array = NDArray[Any]

ROUND, MERIDIANS = 32, 64
"""Rings and sides of a ball: facets of six degrees show neither in its outline nor in its shade."""


@dataclass(frozen=True, slots=True)
class Solid:
    """A closed piece: `vertices` (V, 3) in metres, flat faces of triangles (T, 3) with `face` (T,) numbering them.

    A line is drawn between two faces; what is round is one face. `prop` is what it is a piece of."""

    vertices: Array
    triangles: Array
    face: Array
    material: str
    prop: str = ""


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
    across, other = beside(axis)
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


def sphere(centre: Array, radius: float, material: str) -> Solid:
    """A sphere: one face, so that its outline alone is drawn."""
    vertices, triangles = _globe()
    return Solid(np.asarray(centre) + radius * vertices, triangles, np.zeros(len(triangles), int), material)


def cushion(half: Vector, edge: float, material: str) -> Solid:
    """A box about the origin with edges rounded by `edge`, `half` as long, high and broad: one face."""
    sphere, triangles = _globe()
    inner = np.maximum(np.array(half) - edge, 0.0)
    vertices = np.sign(np.round(sphere, 9)) * inner + np.minimum(edge, np.array(half)) * sphere
    return Solid(vertices, triangles, np.zeros(len(triangles), int), material)


def lathe(start: Array, end: Array, profile: Array, face: Array, material: str, sides: int = 40) -> Solid:
    """What a profile sweeps round the axis from `start` to `end`: rows of its distance along, of 1, and its radius.

    `face` numbers the face of each strip from row to row; the profile begins and ends on the axis.
    """
    start, end = np.asarray(start, float), np.asarray(end, float)
    across, other = beside((end - start) / np.linalg.norm(end - start))
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    rim = np.cos(angle)[:, None] * across + np.sin(angle)[:, None] * other
    rings = (start + profile[:, :1] * (end - start))[:, None] + profile[:, 1][:, None, None] * rim
    return Solid(rings.reshape(-1, 3), strips(len(profile), sides), np.repeat(face, 2 * sides), material)


def strips(rings: int, sides: int) -> Array:
    """Triangles between closed rings of `sides` vertices, one ring after the other, the outside outwards."""
    i, j = np.arange(sides), (np.arange(sides) + 1) % sides
    strip = np.concatenate([np.stack([i, j, i + sides], 1), np.stack([j, j + sides, i + sides], 1)])
    return np.concatenate([strip + ring * sides for ring in range(rings - 1)])


def beside(axis: Array) -> tuple[Array, Array]:
    """Two directions at right angles to an axis (3,) and to each other."""
    across = np.cross(axis, (0.0, 1.0, 0.0) if abs(axis[1]) < 0.9 else (1.0, 0.0, 0.0))
    across /= np.linalg.norm(across)
    return across, np.cross(axis, across)


def _globe() -> tuple[Array, Array]:
    """A sphere of radius 1 about the origin, its poles above and below."""
    height = np.linspace(-np.pi / 2, np.pi / 2, ROUND + 1)
    around = (np.arange(MERIDIANS) + 0.5) * 2 * np.pi / MERIDIANS
    flat, up = np.cos(height)[:, None], np.sin(height)[:, None] + 0 * around
    vertices = np.stack([flat * np.sin(around), up, flat * np.cos(around)], axis=-1).reshape(-1, 3)
    return vertices, strips(ROUND + 1, MERIDIANS)
