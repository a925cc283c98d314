"""What runs taut along a path: elastic bands and straps, wound round the limbs they go to. Must not know bodies.

A band between two limbs is the outline of their two circles in one plane; one that passes under a limb leaves and
meets it along its tangents.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import acos, pi

import numpy as np

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.props.placed import Placed
from calotype.workers.render.mannequin.props.solids import Array, Solid, beside, sphere, strips

THICKNESS = 0.010
"""Metres: a thinner band, seen on its edge, would fall between the pixels of a small picture."""
KNOT = 0.028
"""The radius of the knot by which a band is held at its anchor."""
STEP = pi / 24
"""Between two points of a band on its way round a limb."""
APART = 0.02
"""Metres between two points of a straight strand: its shadow is theirs."""
WAIST = 0.70
"""Of its breadth, which a stretched band keeps half-way between two limbs."""
SECTION = 12
"""Corners of a band's cross-section."""


@dataclass(frozen=True, slots=True)
class Coil:
    """A limb that a band is wound round: a circle about `centre`, at right angles to `axis`. A point has radius 0."""

    centre: Array
    axis: Array
    radius: float


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a band's middle line: points (N, 3), the direction of its breadth there (N, 3) and the share of it
    that is left (N,); `closed` where its end is its beginning."""

    line: Array
    across: Array
    breadth: Array
    closed: bool


def band(placed: Placed) -> Iterator[Solid]:
    yield from _ribbons(placed, WAIST, "rubber")


def strap(placed: Placed) -> Iterator[Solid]:
    yield from _ribbons(placed, 1.0, "webbing")


def _ribbons(placed: Placed, waist: float, material: str) -> Iterator[Solid]:
    yield ribbon(_middle_line(_coils(placed), waist), placed.radius, material)
    if "anchor" in placed.options:
        yield sphere(np.array(placed.options["anchor"]), KNOT, material)


def _coils(placed: Placed) -> list[Coil]:
    wound = placed.options.get("round") or [None] * len(placed.path)
    return [
        Coil(np.array(point, float), *((np.zeros(3), 0.0) if limb is None else (np.array(limb[0], float), limb[1])))
        for point, limb in zip(placed.path, wound, strict=True)
    ]


def _middle_line(coils: Sequence[Coil], waist: float) -> Run:
    """The middle line of a band: round both its ends where one of the two is a limb, else from one to the other."""
    if len(coils) == 2 and any(coil.radius for coil in coils):
        return _round_both(coils[0], coils[1], waist)
    return _from_end_to_end(coils, waist)


def _round_both(first: Coil, other: Coil, waist: float) -> Run:
    """The outline of two circles: out along one common tangent, round the limb, back along the other."""
    way = other.centre - first.centre
    normal = _plane(first, other, way)
    flat = way - (way @ normal) * normal
    apart = float(np.linalg.norm(flat))
    ahead = flat / max(apart, 1e-9)
    aside = np.cross(normal, ahead)
    lean = acos(float(np.clip((first.radius - other.radius) / max(apart, 1e-9), -1.0, 1.0)))
    near = np.linspace(lean, 2 * pi - lean, 2 + round(2 * (pi - lean) / STEP))
    far = np.linspace(-lean, lean, 2 + round(2 * lean / STEP))
    rim_near, rim_far = (_arc(coil, ahead, aside, angles) for coil, angles in ((first, near), (other, far)))
    out, home = _strand(rim_near[-1], rim_far[0], waist), _strand(rim_far[-1], rim_near[0], waist)
    line = np.concatenate([rim_near, out[0], rim_far, home[0]])
    breadth = np.concatenate([np.ones(len(rim_near)), out[1], np.ones(len(rim_far)), home[1]])
    return Run(line, np.tile(normal, (len(line), 1)), breadth, True)


def _plane(first: Coil, other: Coil, way: Array) -> Array:
    """The normal of the plane that a band round two limbs lies in: the mean of their axes, across its way."""
    weights = [coil.radius for coil in (first, other)]
    sense = -1.0 if first.axis @ other.axis < 0 else 1.0
    normal = weights[0] * first.axis + sense * weights[1] * other.axis
    along = way / max(float(np.linalg.norm(way)), 1e-9)
    normal = normal - (normal @ along) * along
    length = float(np.linalg.norm(normal))
    return np.asarray(normal / length if length > 1e-6 else beside(along)[0])


def _arc(coil: Coil, ahead: Array, aside: Array, angles: Array) -> Array:
    radius = coil.radius + THICKNESS / 2
    return np.asarray(coil.centre + radius * (np.cos(angles)[:, None] * ahead + np.sin(angles)[:, None] * aside))


def _strand(start: Array, end: Array, waist: float) -> tuple[Array, Array]:
    """Points between two ends of a straight strand, and how much of its breadth is kept at each."""
    count = max(9, round(float(np.linalg.norm(end - start)) / APART))
    share = np.linspace(0.0, 1.0, count)[1:-1]
    return start + share[:, None] * (end - start), 1 - (1 - waist) * np.sin(pi * share) ** 0.7


def _from_end_to_end(coils: Sequence[Coil], waist: float) -> Run:
    """From the first point to the last, round the far side of every limb on the way."""
    turns = [_turn(before, coil, after) for before, coil, after in zip(coils, coils[1:], coils[2:], strict=False)]
    stops = [(coils[0].centre[None], None), *turns, (coils[-1].centre[None], None)]
    lines, breadths = [stops[0][0]], [np.ones(1)]
    axes: list[Array] = []
    for (stop, axis), (following, next_axis) in pairwise(stops):
        strand, breadth = _strand(stop[-1], following[0], waist)
        across = _across(following[0] - stop[-1], axis if axis is not None else next_axis)
        axes += [across] * (len(lines[-1]) if axis is None else 0) + [across] * len(strand)
        axes += [next_axis if next_axis is not None else across] * len(following)
        lines += [strand, following]
        breadths += [breadth, np.ones(len(following))]
    return Run(np.concatenate(lines), np.array(axes), np.concatenate(breadths), False)


def _turn(before: Coil, coil: Coil, after: Coil) -> tuple[Array, Array | None]:
    """A band's way round one limb, from tangent to tangent, and the direction of its breadth there."""
    if not coil.radius:
        return coil.centre[None], None
    axis = coil.axis / np.linalg.norm(coil.axis)
    ahead, aside = beside(axis)
    bearings, leans = [], []
    for point in (before.centre, after.centre):
        x, y = (float((point - coil.centre) @ direction) for direction in (ahead, aside))
        bearings.append(np.arctan2(y, x))
        leans.append(acos(min(1.0, coil.radius / max(float(np.hypot(x, y)), coil.radius))))
    forth = (bearings[1] - bearings[0]) % (2 * pi) or 2 * pi
    sense = 1.0 if forth >= pi else -1.0
    sweep = max((forth if sense > 0 else 2 * pi - forth) - sum(leans), 0.0)
    angles = bearings[0] + sense * (leans[0] + np.linspace(0.0, sweep, max(2, round(sweep / STEP))))
    return _arc(coil, ahead, aside, angles), axis


def _across(way: Array, axis: Array | None) -> Array:
    """The breadth of a straight strand: along the limb it leaves, else as upright as it can be."""
    along = way / max(float(np.linalg.norm(way)), 1e-9)
    direction = axis if axis is not None else np.array((0.0, 1.0, 0.0) if abs(along[1]) < 0.9 else (0.0, 0.0, 1.0))
    flat = direction - (direction @ along) * along
    length = float(np.linalg.norm(flat))
    return np.asarray(flat / length if length > 1e-6 else beside(along)[0])


def ribbon(run: Run, half: float, material: str) -> Solid:
    """A flat band, `half` as broad on each side of its middle line: one face."""
    line = run.line
    if run.closed:
        ways = np.roll(line, -1, axis=0) - np.roll(line, 1, axis=0)
    else:
        ways = np.gradient(line, axis=0)
    ways = ways / np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-9)
    across = run.across - (run.across * ways).sum(axis=1, keepdims=True) * ways
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    upright = np.cross(ways, across)
    angle = 2 * np.pi * np.arange(SECTION) / SECTION
    broad = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** 0.5 * half
    thick = np.sin(angle) * THICKNESS / 2
    rings = (line[:, None] + (broad[:, None] * across[:, None]) * run.breadth[:, None, None]
             + thick[:, None] * upright[:, None])
    if run.closed:
        rings = np.concatenate([rings, rings[:1]])
    else:
        rings = np.concatenate([np.repeat(line[:1, None], SECTION, axis=1), rings,
                                np.repeat(line[-1:, None], SECTION, axis=1)])
    triangles = strips(len(rings), SECTION)
    return Solid(rings.reshape(-1, 3), triangles, np.zeros(len(triangles), int), material)
