"""What is worn where: hair, shorts and trainers, as places on the body's surface. Must not know colours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calotype.language.pose.views.muscle_places import COLLAR, HEM, WAIST
from calotype.workers.render.mannequin.body import PARTS
from calotype.workers.render.mannequin.scene import Surface
from calotype.workers.render.mannequin.surface.features import hairy

Array = NDArray[Any]

SKIN, SHORTS, SHOE, SOLE, HAIR = 0, 1, 2, 3, 4

TRUNK = PARTS.index("trunk") + 1
LEGS = tuple(PARTS.index(f"{side}_leg") + 1 for side in ("left", "right"))
FEET = tuple(PARTS.index(f"{side}_foot") + 1 for side in ("left", "right"))

def clothes(surface: Surface, hair: bool = False) -> Array:
    """SKIN, SHORTS, SHOE, SOLE or, where there is any, HAIR at each covered pixel (P,). Props are SKIN."""
    part, u, v = surface.part, surface.u, surface.v
    leg = (part == LEGS[0]) | (part == LEGS[1])
    foot = (part == FEET[0]) | (part == FEET[1])
    shorts = ((part == TRUNK) & (v > -1) & (v < WAIST)) | (leg & (v > HEM))
    worn = np.where(shorts, np.int8(SHORTS), np.int8(SKIN))
    worn[foot | (leg & (v < COLLAR))] = SHOE
    # the sole wraps upwards round toe and heel, where the foot's rings close
    wrap = np.clip((v - 0.098) / 0.012, 0, 1) + np.clip((-0.034 - v) / 0.008, 0, 1)
    worn[foot & (np.abs(u - 0.5) < 0.228 + 0.022 * wrap)] = SOLE
    if hair:
        worn[hairy(surface)] = HAIR
    return worn
