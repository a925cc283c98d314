"""A prop where it is in the world, in metres: what drawing, and the measure of what passes through it, are made from.

Must not know why it is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass, field
from calotype.language.pose.linear import Vector


@dataclass(frozen=True, slots=True)
class Placed:
    """A prop in the world: floor at y = 0, x forward, y up, z to the subject's right.

    `at` is the middle of what stands, at the floor; of what is held or lies, its middle. `facing` is in degrees about
    the vertical: at 0 its front looks along +x, at 90 along -z, to the subject's left. `size` is length (along x before
    it is turned), height and breadth. `path` is the taut line of a band, a strap, a cable, and the axis of a rod, from
    end to end. `radius` is of what is round, or half the thickness of what runs along a path. `options` are the rest
    that a drawing needs.
    """

    name: str
    at: Vector
    facing: float = 0.0
    size: Vector = (0.0, 0.0, 0.0)
    path: tuple[Vector, ...] = ()
    radius: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)
