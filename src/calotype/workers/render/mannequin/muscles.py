"""Where muscles lie on the surface of the body. Must not know colours, nor how they are tinted.

After Kendall et al., Muscles: Testing and Function (5th ed., 2005) and Drake et al., Gray's Anatomy for Students. A
deep muscle is shown on the skin over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calotype.language.pose.shown import MUSCLE_SYNONYMS
from calotype.workers.render.mannequin.body import BRIDGE_V, PARTS
from calotype.workers.render.mannequin.scene import Surface

Array = NDArray[Any]

Patch = tuple[str, float, float, float, float]
"""An ellipse on a part: its name, centre round it (0 front, 0.25 lateral, or right on the trunk; 0.5 behind),
half-width round it, lowest and highest place along it in fractions of stature from the hip joints."""


def _both(u: float, half: float, low: float, high: float) -> tuple[Patch, Patch]:
    """The same patch on the right and the left of the trunk."""
    return ("trunk", u, half, low, high), ("trunk", 1.0 - u, half, low, high)


def _bridge(name: str) -> Patch:
    v = BRIDGE_V[name]
    return ("trunk", 0.5, 9.0, v - 1.0, v + 1.1)


MUSCLES: dict[str, tuple[Patch, ...]] = {
    "suboccipital": (("trunk", 0.5, 0.17, 0.335, 0.395), ("head", 0.5, 0.13, 0.345, 0.385)),
    "deep neck flexor": (("trunk", 0.0, 0.20, 0.308, 0.375),),
    "longus colli": (("trunk", 0.0, 0.20, 0.308, 0.375),),
    "sternocleidomastoid": _both(0.13, 0.07, 0.305, 0.375),
    "scalene": _both(0.19, 0.07, 0.300, 0.350),
    "levator scapulae": _both(0.36, 0.07, 0.275, 0.365),
    "upper trapezius": (*_both(0.38, 0.14, 0.268, 0.372), _bridge("trapezius")),
    "trapezius": (("trunk", 0.5, 0.17, 0.150, 0.372), _bridge("trapezius")),
    "rhomboid": _both(0.44, 0.05, 0.195, 0.275),
    "rotator cuff": (*_both(0.37, 0.09, 0.190, 0.290), ("arm", 0.45, 0.2, 0.262, 0.298)),
    "infraspinatus": _both(0.37, 0.09, 0.190, 0.265),
    "supraspinatus": _both(0.36, 0.08, 0.262, 0.292),
    "deltoid": (("arm", 0.25, 0.36, 0.150, 0.330),),
    "pectoralis": (*_both(0.09, 0.10, 0.195, 0.275), _bridge("chest")),
    "serratus": _both(0.21, 0.05, 0.150, 0.235),
    "latissimus": (*_both(0.37, 0.12, 0.060, 0.235), _bridge("back")),
    "biceps brachii": (("arm", 0.0, 0.24, 0.110, 0.235),),
    "triceps": (("arm", 0.5, 0.26, 0.105, 0.245),),
    "forearm flexor": (("arm", 0.8, 0.22, -0.020, 0.090),),
    "forearm extensor": (("arm", 0.3, 0.22, -0.020, 0.090),),
    "rectus abdominis": _both(0.035, 0.050, -0.010, 0.195),
    "oblique": _both(0.17, 0.09, 0.030, 0.160),
    "transvers": _both(0.15, 0.15, 0.015, 0.135),
    "erector spinae": _both(0.455, 0.040, 0.010, 0.290),
    "multifidus": _both(0.475, 0.030, -0.010, 0.140),
    "quadratus lumborum": _both(0.41, 0.05, 0.040, 0.125),
    "gluteus maximus": (*_both(0.39, 0.14, -0.058, 0.048), ("leg", 0.48, 0.26, -0.062, 0.055)),
    "gluteus medius": (*_both(0.30, 0.09, 0.000, 0.058), ("leg", 0.28, 0.18, -0.005, 0.060)),
    "piriformis": (*_both(0.39, 0.10, -0.022, 0.022), ("leg", 0.42, 0.17, -0.022, 0.034)),
    "hip external rotator": (*_both(0.39, 0.11, -0.045, 0.006), ("leg", 0.43, 0.18, -0.048, 0.010)),
    "hip flexor": (("leg", 0.97, 0.14, -0.080, 0.060),),
    "iliopsoas": (("leg", 0.95, 0.12, -0.070, 0.060),),
    "quadriceps": (("leg", 0.02, 0.24, -0.235, -0.020),),
    "hamstring": (("leg", 0.5, 0.22, -0.235, -0.035),),
    "adductor": (("leg", 0.78, 0.14, -0.170, 0.010),),
    "gastrocnemius": (("leg", 0.40, 0.14, -0.382, -0.255), ("leg", 0.60, 0.14, -0.392, -0.255)),
    "soleus": (("leg", 0.34, 0.10, -0.440, -0.320), ("leg", 0.66, 0.10, -0.440, -0.320),
               ("leg", 0.5, 0.10, -0.452, -0.375)),
    "tibialis anterior": (("leg", 0.06, 0.10, -0.430, -0.270),),
    "tibialis posterior": (("leg", 0.6, 0.12, -0.450, -0.300),),
    "peroneus": (("leg", 0.27, 0.08, -0.450, -0.270),),
}


def patches(name: str) -> tuple[Patch, ...]:
    """Where the muscle of that name lies. An unknown name lies nowhere."""
    text = name.lower()
    for key in sorted((*MUSCLES, *MUSCLE_SYNONYMS), key=len, reverse=True):
        if key in text:
            return MUSCLES[MUSCLE_SYNONYMS.get(key, key)]
    return ()


def tint(surface: Surface, names: Sequence[str]) -> Array | None:
    """How much of the shown muscles lies at each covered pixel (P, 2), 0 to 1, or None when none is known.

    Muscles take turns in the two columns, so that neighbours are told apart; the first named lies on top.
    """
    regions = [(*patch, name, index % 2) for index, name in enumerate(names) for patch in patches(name)]
    if not regions:
        return None
    amount = np.zeros((len(surface.part), 2), np.float32)
    for part, centre, half, low, high, name, turn in regions:
        for side in ("left", "right"):
            if name.lower().startswith(("left ", "right ")) and not name.lower().startswith(side) and part != "trunk":
                continue
            label = PARTS.index(part if part in PARTS else f"{side}_{part}") + 1
            here = np.flatnonzero(surface.part == label)
            round_it = np.abs((surface.u[here] - centre + 0.5) % 1.0 - 0.5) / half
            along = np.abs(surface.v[here] - (low + high) / 2) / ((high - low) / 2)
            inside = np.clip((1 - round_it**2 - along**2) * 4.0, 0.0, 1.0)
            amount[here, turn] = np.maximum(amount[here, turn], inside)
    amount[:, 1] *= 1 - amount[:, 0]
    return amount
