"""Furniture that the body sits, lies, steps or leans on. Made about the origin, its front along x, then put in place.

Must not know the body. Lengths are metres.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import cos, radians, sin

import numpy as np

from calotype.ground.light_dataclass import replace
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.props.prop_kinds import BACK_REST, JAMB
from calotype.workers.render.mannequin.props.solids import Solid, box, cushion, cylinder

WOOD, STEEL, PLASTER, VINYL = "wood", "steel", "plaster", "vinyl"
MATTRESS = 0.10
"""How thick it is."""

Local = Callable[[Placed], Iterator[Solid]]


def standing(make: Local) -> Local:
    """The pieces of a prop that are made about the origin, turned and put where it stands."""

    def pieces(placed: Placed) -> Iterator[Solid]:
        turned = about_vertical(placed.facing)
        for solid in make(placed):
            yield replace(solid, vertices=solid.vertices @ turned.T + np.array(placed.at))

    return pieces


def about_vertical(degrees: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The rotation (3, 3) that turns +x towards -z; exact at right angles."""
    c, s = round(cos(radians(degrees)), 15), round(sin(radians(degrees)), 15)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


@standing
def chair(placed: Placed) -> Iterator[Solid]:
    front, top, right = _half(placed)
    yield box((-front, top - 0.035, -right), (front, top, right), WOOD)
    for x in (0.005 - front, front - 0.04):
        for z in (0.005 - right, right - 0.04):
            yield box((x, 0.0, z), (x + 0.035, top - 0.035, z + 0.035), WOOD)
    for z in (0.005 - right, right - 0.04):
        yield box((-front, top, z), (0.03 - front, top + BACK_REST, z + 0.035), WOOD)
    yield box((-front, top + 0.28, 0.005 - right), (0.025 - front, top + BACK_REST - 0.01, right - 0.005), WOOD)


@standing
def stool(placed: Placed) -> Iterator[Solid]:
    """A round seat on four legs that spread, and the ring between them."""
    reach, top, _ = _half(placed)
    yield cylinder(np.array((0.0, top - 0.045, 0.0)), np.array((0.0, top, 0.0)), reach, WOOD, 40)
    for x in (-1, 1):
        for z in (-1, 1):
            head = np.array((0.50 * x * reach, top - 0.045, 0.50 * z * reach))
            yield cylinder(np.array((0.66 * x * reach, 0.0, 0.66 * z * reach)), head, 0.016, WOOD, 16)
    low, corner = np.array((0.0, 0.36 * top, 0.0)), 0.60 * reach
    for sense in (-1, 1):
        for at, way in (((1.0, 0.0, 0.0), (0.0, 0.0, 1.0)), ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0))):
            middle, half = low + sense * corner * np.array(at), corner * np.array(way)
            yield cylinder(middle - half, middle + half, 0.011, WOOD, 12)


@standing
def bench(placed: Placed) -> Iterator[Solid]:
    front, top, right = _half(placed)
    yield box((-front, top - 0.07, -right), (front, top, right), STEEL)
    for x in (0.04 - front, front - 0.09):
        yield box((x, 0.0, -0.03), (x + 0.05, top - 0.07, 0.03), STEEL)


@standing
def table(placed: Placed) -> Iterator[Solid]:
    front, top, right = _half(placed)
    yield box((-front, top - 0.035, -right), (front, top, right), WOOD)
    for x in (0.03 - front, front - 0.075):
        for z in (0.03 - right, right - 0.075):
            yield box((x, 0.0, z), (x + 0.045, top - 0.035, z + 0.045), WOOD)


@standing
def bed(placed: Placed) -> Iterator[Solid]:
    """A mattress with rounded edges on a frame with four legs."""
    end, top, right = _half(placed)
    mattress = cushion((end, MATTRESS / 2, right), 0.035, VINYL)
    yield replace(mattress, vertices=mattress.vertices + np.array((0.0, top - MATTRESS / 2, 0.0)))
    deck = top - MATTRESS
    yield box((0.02 - end, deck - 0.07, 0.02 - right), (end - 0.02, deck, right - 0.02), WOOD)
    for x in (0.06 - end, end - 0.12):
        for z in (0.06 - right, right - 0.12):
            yield box((x, 0.0, z), (x + 0.06, deck - 0.07, z + 0.06), WOOD)


@standing
def step(placed: Placed) -> Iterator[Solid]:
    front, top, right = _half(placed)
    yield box((-front, min(0.0, top - 0.1), -right), (front, top, right), WOOD)


@standing
def mat(placed: Placed) -> Iterator[Solid]:
    front, thick, right = _half(placed)
    yield box((-front, -thick, -right), (front, 0.0, right), PLASTER)


@standing
def wall(placed: Placed) -> Iterator[Solid]:
    front, top, right = _half(placed)
    yield box((-front, 0.0, -right), (front, top, right), PLASTER)


@standing
def doorway(placed: Placed) -> Iterator[Solid]:
    """The frame of a door: two posts and the lintel on them."""
    front, top, right = _half(placed)
    for inner, outer in ((-right, -right - JAMB), (right, right + JAMB)):
        yield box((-front, 0.0, min(inner, outer)), (front, top, max(inner, outer)), PLASTER)
    yield box((-front, top, -right - JAMB), (front, top + JAMB, right + JAMB), PLASTER)


def _half(placed: Placed) -> tuple[float, float, float]:
    """Half the length, the whole height, half the breadth."""
    length, height, breadth = placed.size
    return length / 2, height, breadth / 2
