"""What hands hold: rods and bars, weights, the handle of a cable, a stick, a mug. Must not know hands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from calotype.language.pose.props.placed import Placed
from calotype.workers.render.mannequin.props.solids import Array, Solid, box, cylinder, lathe

STEEL, WOOD, CERAMIC, CUFF = "steel", "wood", "ceramic", "cuff"
TOWER = (0.75, -0.12)
"""How far before the handle a cable's pulley is, and how far above."""


def bar(placed: Placed) -> Iterator[Solid]:
    yield _rod(placed, STEEL)


def barbell(placed: Placed) -> Iterator[Solid]:
    yield _rod(placed, STEEL)
    middle, axis, reach = _along(placed)
    for sense in (-1, 1):
        for inner, radius in ((0.16, 0.20), (0.11, 0.14)):
            at = middle + sense * (reach - inner) * axis
            yield cylinder(at, at + sense * 0.04 * axis, radius, STEEL, 40)


def dumbbell(placed: Placed) -> Iterator[Solid]:
    yield _rod(placed, STEEL)
    middle, axis, _ = _along(placed)
    for sense in (-1, 1):
        yield cylinder(middle + sense * 0.07 * axis, middle + sense * 0.14 * axis, 0.048, STEEL)


def weight(placed: Placed) -> Iterator[Solid]:
    """A small dumbbell in a fist; worn, a cuff round the limb."""
    if placed.options.get("worn"):
        yield from _cuff(placed)
    else:
        yield from dumbbell(placed)


def _cuff(placed: Placed) -> Iterator[Solid]:
    """A padded sleeve about the axis of a limb: its rims go down to the skin."""
    start, end = (np.array(point) for point in placed.path)
    inner, outer = placed.radius * 0.7, placed.radius + 0.018
    profile = np.array([
        [0.0, 0.0], [0.0, inner], [0.0, outer - 0.012], [0.06, outer - 0.003], [0.16, outer], [0.84, outer],
        [0.94, outer - 0.003], [1.0, outer - 0.012], [1.0, inner], [1.0, 0.0],
    ])
    yield lathe(start, end, profile, np.zeros(len(profile) - 1, int), CUFF)


def pulldown(placed: Placed) -> Iterator[Solid]:
    yield _rod(placed, STEEL)
    middle, *_ = _along(placed)
    yield cylinder(middle, middle + np.array((0.0, 0.34, 0.0)), 0.007, STEEL, 10)


def cable(placed: Placed) -> Iterator[Solid]:
    """The handle, the cable from it, and the pulley's tower."""
    yield _rod(placed, STEEL)
    middle, *_ = _along(placed)
    end = middle + np.array((*TOWER, 0.0))
    yield cylinder(middle, end, 0.007, STEEL, 10)
    yield box((end[0], 0.0, end[2] - 0.05), (end[0] + 0.07, end[1] + 0.12, end[2] + 0.05), STEEL)


def stick(placed: Placed) -> Iterator[Solid]:
    """A rod with rounded ends."""
    start, end = (np.array(point) for point in placed.path)
    blunt = min(0.5, placed.radius / float(np.linalg.norm(end - start)))
    profile = np.array([
        [0.0, 0.0], [0.0, 0.7 * placed.radius], [blunt, placed.radius], [1 - blunt, placed.radius],
        [1.0, 0.7 * placed.radius], [1.0, 0.0],
    ])
    yield lathe(start, end, profile, np.zeros(5, int), WOOD, 20)


def mug(placed: Placed) -> Iterator[Solid]:
    _, height, _ = placed.size
    middle, half = np.array(placed.at), np.array((0.0, height / 2, 0.0))
    yield cylinder(middle - half, middle + half, placed.radius, CERAMIC)
    yield from _handle(middle)


def _handle(middle: Array) -> Iterator[Solid]:
    """The mug's handle: three short rods on the side away from the drinker's face."""
    points = [middle + np.array((x, y, 0.0)) for x, y in ((0.03, 0.03), (0.075, 0.028), (0.075, -0.028), (0.03, -0.03))]
    for start, end in pairwise(points):
        yield cylinder(start, end, 0.007, CERAMIC, 10)


def _rod(placed: Placed, material: str) -> Solid:
    start, end = placed.path
    return cylinder(np.array(start), np.array(end), placed.radius, material)


def _along(placed: Placed) -> tuple[Array, Array, float]:
    """Of a rod: its middle, its direction and half its length."""
    start, end = (np.array(point) for point in placed.path)
    reach = float(np.linalg.norm(end - start)) / 2
    return (start + end) / 2, (end - start) / (2 * reach), reach
