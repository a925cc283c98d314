"""What stands between camera and figure, and is drawn as an outline that one sees through. Must not know colours.

A wall that is leaned on from its far side would hide who leans on it: as in technical drawing, it is a thin broken
line instead, and no control map has it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from calotype.language.pose.views.camera import DISTANCE, Camera
from calotype.workers.render.mannequin.props.solids import Array, Solid

TALL = ("wall", "doorway")
"""Props that may hide a whole figure."""
HIDDEN = 0.015
"""Of the body's points: what hides more of them is seen through."""
TOUCHING = 0.04
"""Metres: a point that is no deeper than this is at the surface, not behind it."""


def split(solids: Iterable[Solid], points: Array, viewer: Camera) -> tuple[list[Solid], list[Solid]]:
    """The solids that are drawn, and those that are seen through because they hide points (N, 3) of the body."""
    drawn: list[Solid] = []
    through: list[Solid] = []
    for solid in solids:
        seen_through = solid.prop in TALL and _hidden(solid, points, viewer) > HIDDEN
        (through if seen_through else drawn).append(solid)
    return drawn, through


def _hidden(solid: Solid, points: Array, viewer: Camera) -> float:
    """The share of points whose line to the camera passes through a convex solid (Cyrus & Beck 1978)."""
    eye = np.array(viewer.target) + np.array(viewer.rotation).T @ (0.0, 0.0, DISTANCE)
    way = points - eye
    enter, leave = np.zeros(len(points)), 1 - TOUCHING / np.linalg.norm(way, axis=1)
    a, b, c = (solid.vertices[solid.triangles[:, corner]] for corner in range(3))
    for normal, corner in zip(np.cross(b - a, c - a), a, strict=True):
        into, beyond = way @ normal, float((eye - corner) @ normal)
        with np.errstate(divide="ignore", invalid="ignore"):
            at = -beyond / into
        enter = np.where(into < 0, np.maximum(enter, at), enter)
        leave = np.where(into > 0, np.minimum(leave, at), leave)
        leave = np.where((into == 0) & (beyond > 0), -1.0, leave)
    return float((enter < leave).mean())


def outline(points: Array) -> Array:
    """The convex outline (M, 2), closed, of what is seen of a solid's points (N, 2): Andrew's monotone chain (1979)."""
    ordered = sorted({(round(x, 3), round(y, 3)) for x, y in points.tolist()})
    halves = []
    for chain in (ordered, ordered[::-1]):
        half: list[tuple[float, float]] = []
        for point in chain:
            while len(half) > 1 and _turn(half[-2], half[-1], point) <= 0:
                half.pop()
            half.append(point)
        halves += half[:-1]
    return np.array([*halves, halves[0]])


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
