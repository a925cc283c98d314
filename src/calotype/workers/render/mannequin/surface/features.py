"""What tells front from back on the body's surface: face, hair, blades, kneecaps, heels. Must not know colours.

Lines are given as corners in the surface's own coordinates: how far round the part from its front (or back), in turns,
and how far along it, in fractions of stature. Both sides of the front (or back) have them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calotype.ground.light_dataclass import dataclass
from calotype.workers.render.mannequin.body import BRIDGE_V, PARTS
from calotype.workers.render.mannequin.scene import Surface

Array = NDArray[Any]

FRONT, BACK = 0.0, 0.5
SMALL = 160
"""Pixels: on a figure smaller than this, lines as fine as these are only dirt."""


Place = tuple[float, float]
"""How far round, and how far along."""


@dataclass(frozen=True, slots=True)
class Line:
    """A curve on a part, led by `corners`, to both sides of `round` (FRONT or BACK)."""

    part: str
    round: float
    corners: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Oval:
    """A dark oval on a part: its middle (to both sides of `round`) and half its width and height."""

    part: str
    round: float
    middle: Place
    half: Place


FACE = (
    Line("head", FRONT, ((0.034, 0.4205), (0.060, 0.4235), (0.090, 0.4200))),
    Line("head", FRONT, ((0.0, 0.3660), (0.030, 0.3665), (0.050, 0.3685))),
)
LINES = (
    Line("trunk", FRONT, ((0.035, 0.2840), (0.090, 0.2835), (0.150, 0.2870))),
    Line("trunk", FRONT, ((0.018, 0.2080), (0.060, 0.2000), (0.115, 0.2060))),
    Line("trunk", BACK, ((0.0, 0.0900), (0.0, 0.1700), (0.0, 0.2600))),
    Line("trunk", BACK, ((0.070, 0.2560), (0.062, 0.2300), (0.072, 0.2050), (0.095, 0.1960), (0.120, 0.2060))),
    Line("leg", FRONT, ((0.050, -0.2250), (0.090, -0.2330), (0.090, -0.2560), (0.040, -0.2620), (0.0, -0.2620))),
    Line("leg", BACK, ((0.0, -0.2490), (0.060, -0.2465), (0.110, -0.2480))),
    Line("leg", BACK, ((0.060, -0.4150), (0.045, -0.4500))),
    Line("arm", BACK, ((0.0, 0.0850), (0.060, 0.0880), (0.085, 0.0980))),
    Line("foot", FRONT, ((0.0, 0.0330), (0.055, 0.0340))),
    Line("foot", FRONT, ((0.0, 0.0440), (0.060, 0.0450))),
    Line("foot", FRONT, ((0.0, 0.0550), (0.065, 0.0560))),
    Line("foot", FRONT, ((0.0, -0.0330), (0.110, -0.0270), (0.190, -0.0160), (0.255, -0.0140))),
)
EYES = Oval("head", FRONT, (0.058, 0.4065), (0.0150, 0.0042))
NAVEL = Oval("trunk", FRONT, (0.0, 0.1000), (0.0060, 0.0034))

_HAIRLINE = ((0.0, 0.0900, 0.1450, 0.1750, 0.2050, 0.2700, 0.3300, 0.4200, 0.5), (
    0.4370, 0.4380, 0.4290, 0.4140, 0.4040, 0.4060, 0.3820, 0.3620, 0.3590))
"""How low the hair comes on the head, by how far round from the front."""


def hairy(surface: Surface) -> Array:
    """Where hair grows, at each covered pixel (P,): on the head above its line, and what falls from it."""
    hair = np.zeros(len(surface.part), bool)
    skin = _Skin.of(surface, "head")
    grown = skin.v > np.interp(np.abs(_aside(skin.u, FRONT)), *_HAIRLINE)
    hair[skin.at[grown | (skin.v < BRIDGE_V["hair"] + 1)]] = True
    return hair


def marks(surface: Surface, width: float, face: bool, dark: Sequence[Oval]) -> tuple[Array, Array]:
    """Where fine lines run, `width` pixels wide, and where dark ovals lie, at each covered pixel (P,).

    `face` asks for brows and mouth.
    """
    drawn, filled = np.zeros(len(surface.part), bool), np.zeros(len(surface.part), bool)
    curves = (*LINES, *(FACE if face else ())) if max(surface.label.shape) >= SMALL else ()
    for part in dict.fromkeys(mark.part for mark in (*curves, *dark)):
        for name in (part,) if part in PARTS else (f"left_{part}", f"right_{part}"):
            skin = _Skin.of(surface, name)
            for curve in curves:
                if curve.part == part:
                    at, aside, along = skin.within(curve.round, _box(curve, 0.03))
                    spread = np.maximum(surface.spread[surface.which[at]], 1e-7)
                    drawn[at[_distance(aside, along, spread, curve.corners) <= max(width, 1.0) / 2]] = True
            for oval in dark:
                if oval.part == part:
                    (u, v), (wide, high) = oval.middle, oval.half
                    at, aside, along = skin.within(oval.round, (u - wide, u + wide, v - high, v + high))
                    filled[at[((aside - u) / wide) ** 2 + ((along - v) / high) ** 2 < 1]] = True
    return drawn, filled


@dataclass(frozen=True, slots=True)
class _Skin:
    """The covered pixels of one part: which they are, how far round from the front, how far along."""

    at: Array
    u: Array
    v: Array

    @classmethod
    def of(cls, surface: Surface, name: str) -> _Skin:
        at = np.flatnonzero(surface.part == PARTS.index(name) + 1)
        return cls(at, surface.u[at], surface.v[at])

    def within(self, middle: float, box: tuple[float, float, float, float]) -> tuple[Array, Array, Array]:
        """Those in a box to both sides of `middle`: which they are, how far from it, how far along."""
        least, most, low, high = box
        near = np.flatnonzero((self.v > low) & (self.v < high))
        aside = np.abs(_aside(self.u[near], middle))
        inside = (aside >= least) & (aside <= most)
        near = near[inside]
        return self.at[near], aside[inside], self.v[near]


def _aside(u: Array, middle: float) -> Array:
    """Turns from the middle, -0.5 to 0.5."""
    return np.asarray((u - middle + 0.5) % 1.0 - 0.5)


def _box(line: Line, room: float) -> tuple[float, float, float, float]:
    us, vs = zip(*line.corners, strict=True)
    return min(us) - room, max(us) + room, min(vs) - room / 4, max(vs) + room / 4


@lru_cache(maxsize=32)
def _rounded(corners: tuple[Place, ...]) -> tuple[Place, ...]:
    """The corners cut off twice, as Chaikin (1974) does: ends stay."""
    for _ in range(2):
        cut = [place for (a, b), (c, d) in pairwise(corners)
               for place in ((0.75 * a + 0.25 * c, 0.75 * b + 0.25 * d), (0.25 * a + 0.75 * c, 0.25 * b + 0.75 * d))]
        corners = (corners[0], *cut[1:-1], corners[-1])
    return corners


def _distance(aside: Array, along: Array, spread: Array, corners: tuple[Place, ...]) -> Array:
    """Pixels of the picture from places on the surface to the nearest point of a curve. `spread` (N, 2) is how much
    the coordinates change there from pixel to pixel."""
    least = np.full(len(aside), np.inf, np.float32)
    for (u, v), (end_u, end_v) in pairwise(_rounded(corners)):
        line = np.stack([(end_u - u) / spread[:, 0], (end_v - v) / spread[:, 1]], axis=1)
        place = np.stack([(aside - u) / spread[:, 0], (along - v) / spread[:, 1]], axis=1)
        share = np.clip((place * line).sum(axis=1) / np.maximum((line**2).sum(axis=1), 1e-9), 0, 1)
        least = np.minimum(least, np.hypot(*(place - share[:, None] * line).T))
    return least
