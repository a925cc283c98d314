"""What is soft and round: ball, roller, pillow and towel. Must not know the body."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from calotype.ground.light_dataclass import replace
from calotype.language.pose.props.placed import Placed
from calotype.workers.render.mannequin.props.furniture_pieces import standing
from calotype.workers.render.mannequin.props.solids import Solid, cushion, lathe, sphere

BALL, FOAM, LINEN, TERRY = "ball", "foam", "linen", "terry"
SHEET = 24
"""Squares along each side of a pillow."""
DRAWN_IN = 0.07
"""Of a pillow's length, by which its sides are drawn in between the corners."""
LAYERS = 3
"""Of a folded towel."""


def ball(placed: Placed) -> Iterator[Solid]:
    yield sphere(np.array(placed.at), placed.radius, BALL)


def roller(placed: Placed) -> Iterator[Solid]:
    """A foam roller, its ends ringed."""
    yield _roll(placed, FOAM, (0.36,), 0.012)


def pillow(placed: Placed) -> Iterator[Solid]:
    """Held between two limbs it is a soft roll along them; else it lies flat."""
    if placed.path:
        yield _roll(placed, LINEN, (), 0.8 * placed.radius)
    else:
        yield from _flat(placed)


@standing
def _flat(placed: Placed) -> Iterator[Solid]:
    """Two sheets that swell between four drawn-out corners: a line runs where they meet."""
    half = np.array(placed.size) / 2
    u, v = np.meshgrid(*[np.sin(np.linspace(-np.pi / 2, np.pi / 2, SHEET + 1))] * 2, indexing="ij")
    x = half[0] * u * (1 - DRAWN_IN * (1 - v**2))
    z = half[2] * v * (1 - DRAWN_IN * (1 - u**2))
    y = half[1] * np.sqrt((1 - u**4) * (1 - v**4))
    top, low = (np.stack([x, sense * y, z], axis=-1).reshape(-1, 3) for sense in (1, -1))
    i = np.arange((SHEET + 1) * SHEET).reshape(SHEET, SHEET + 1)[:, :-1].ravel()
    right, beyond = i + 1, i + SHEET + 1
    sheet = np.concatenate([np.stack([i, right, beyond], 1), np.stack([right, beyond + 1, beyond], 1)])
    triangles = np.concatenate([sheet, sheet[:, ::-1] + len(top)])
    yield Solid(np.concatenate([top, low]), triangles, np.repeat([0, 1], len(sheet)), LINEN)


def towel(placed: Placed) -> Iterator[Solid]:
    """Rolled up, where it has an axis; else folded flat."""
    if placed.path:
        yield _roll(placed, TERRY, (0.24, 0.48), 0.25 * placed.radius)
    else:
        yield from _folded(placed)


@standing
def _folded(placed: Placed) -> Iterator[Solid]:
    length, height, breadth = placed.size
    thick = height / LAYERS
    for layer in range(LAYERS):
        sheet = cushion((length / 2, thick / 2, breadth / 2), thick / 2, TERRY)
        up = (layer + 0.5) * thick - height / 2
        yield replace(sheet, vertices=sheet.vertices + np.array((0.0, up, 0.0)))


def _roll(placed: Placed, material: str, rings: tuple[float, ...], edge: float) -> Solid:
    """A cylinder with rounded rims; on its ends lines run at some parts of its radius, as on what is rolled up."""
    start, end = (np.array(point) for point in placed.path)
    length = float(np.linalg.norm(end - start))
    rounded = min(edge, length / 2, placed.radius)
    turns = np.linspace(0.0, np.pi / 2, 5)
    rim = np.stack([rounded * (1 - np.cos(turns)) / length, placed.radius - rounded * (1 - np.sin(turns))], axis=1)
    flat = [(0.0, ring * placed.radius) for ring in (0.0, *rings) if ring * placed.radius < placed.radius - rounded]
    near = np.concatenate([flat, rim])
    strip = [*range(1, len(flat) + 1), *[0] * (len(rim) - 1)]
    side = np.linspace(rim[-1], rim[-1] * (-1, 1) + (1, 0), 14)[1:-1]  # its shadow is that of these points
    profile = np.concatenate([near, side, near[::-1] * (-1, 1) + (1, 0)])
    return lathe(start, end, profile, np.array([*strip, *[0] * (len(side) + 1), *strip[::-1]]), material)
