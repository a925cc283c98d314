"""What is worn where: hair, shorts, top and trainers, as places on the body's surface. Must not know colours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calotype.language.pose.views.muscle_places import COLLAR, HEM, WAIST
from calotype.workers.render.mannequin.body import BRIDGE_V, PARTS
from calotype.workers.render.mannequin.scene import Surface
from calotype.workers.render.mannequin.surface.features import hairy

Array = NDArray[Any]

SKIN, CLOTH, SHOE, SOLE, HAIR = 0, 1, 2, 3, 4

TRUNK = PARTS.index("trunk") + 1
LEGS = tuple(PARTS.index(f"{side}_leg") + 1 for side in ("left", "right"))
FEET = tuple(PARTS.index(f"{side}_foot") + 1 for side in ("left", "right"))
TOP, NECKLINE = (0.150, 0.304), (0.225, 0.52)
"""Where along the trunk a sports top begins and ends; from where up it is open at the neck, as far aside as this sine
of the way round."""
BRIDGED = {"chest": (0.0, 0.046), "back": (0.0, 0.036), "trapezius": (0.036, 0.066)}
"""From where to where along them it covers what bridges trunk and arm."""


def clothes(surface: Surface, hair: bool = False, top: bool = False) -> Array:
    """SKIN, CLOTH, SHOE, SOLE or, where there is any, HAIR at each covered pixel (P,). Props are SKIN.

    CLOTH is shorts and, where it is worn, the top."""
    part, u, v = surface.part, surface.u, surface.v
    leg = (part == LEGS[0]) | (part == LEGS[1])
    foot = (part == FEET[0]) | (part == FEET[1])
    shorts = ((part == TRUNK) & (v > -1) & (v < WAIST)) | (leg & (v > HEM))
    worn = np.where(shorts, np.int8(CLOTH), np.int8(SKIN))
    worn[foot | (leg & (v < COLLAR))] = SHOE
    # the sole wraps upwards round toe and heel, where the foot's rings close
    wrap = np.clip((v - 0.098) / 0.012, 0, 1) + np.clip((-0.034 - v) / 0.008, 0, 1)
    worn[foot & (np.abs(u - 0.5) < 0.228 + 0.022 * wrap)] = SOLE
    if top:
        worn[_top(surface)] = CLOTH
    if hair:
        worn[hairy(surface)] = HAIR
    return worn


def _top(surface: Surface) -> Array:
    """Where a sports top lies, at each covered pixel (P,): round the chest, and over the shoulders."""
    u, v = surface.u, surface.v
    covered = (v > TOP[0]) & (v < TOP[1])
    covered &= (v < NECKLINE[0]) | (np.abs(np.sin(2 * np.pi * u)) > NECKLINE[1])
    for name, (start, end) in BRIDGED.items():
        covered |= (v >= BRIDGE_V[name] + start) & (v < BRIDGE_V[name] + end)
    return np.asarray(covered & (surface.part == TRUNK))
