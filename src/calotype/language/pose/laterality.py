"""Left and right in an author's words against left and right in the pose. Must not know where the words stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from calotype.language.pose.posture import base_of
from calotype.language.pose.terms import SIDES

LIMBS: dict[str, tuple[str, ...]] = {
    "arm": ("shoulder_", "elbow_", "forearm_"), "shoulder": ("shoulder_", "scapular_"), "elbow": ("elbow_",),
    "hand": ("shoulder_", "elbow_", "wrist_", "finger_"), "wrist": ("wrist_",), "leg": ("hip_", "knee_"),
    "hip": ("hip_",), "thigh": ("hip_",), "knee": ("knee_", "hip_"), "shin": ("knee_", "hip_"),
    "foot": ("ankle_", "knee_", "hip_"), "ankle": ("ankle_", "knee_", "hip_"), "heel": ("ankle_", "knee_", "hip_"),
}
"""The axes that move what an author names."""
LEAST = 10.0
_NAMED = re.compile(r"\b(left|right)\s+(?:upper\s+|lower\s+)?(" + "|".join(LIMBS) + r")\b", re.IGNORECASE)


def named(text: str) -> dict[tuple[str, str], str]:
    """(side, limb) of every limb that the text names with a side, and the words that do so first."""
    limbs: dict[tuple[str, str], str] = {}
    for match in _NAMED.finditer(text):
        limbs.setdefault((match[1].lower(), match[2].lower()), match[0])
    return limbs


def one_sided(text: str) -> dict[tuple[str, str], str]:
    """Those of `named` whose limb the text does not name on the other side too."""
    limbs = named(text)
    return {(side, limb): words for (side, limb), words in limbs.items() if (other(side), limb) not in limbs}


def contradictions(text: str, posture: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """Those of `one_sided` that the pose moves on the other side only."""
    return {
        (side, limb): words for (side, limb), words in one_sided(text).items()
        if not _moved(posture, side, limb) and _moved(posture, other(side), limb)
    }


def other(side: str) -> str:
    return SIDES[1 - SIDES.index(side)]


def _moved(posture: Mapping[str, Any], side: str, limb: str) -> bool:
    """Whether a limb is away from the base posture, or touches something of its own."""
    base, angles = base_of(posture).get(side, {}), posture.get(side, {})
    if any(part.startswith(f"{side}_{limb}") for part in posture.get("contacts", {})):
        return True
    return any(
        abs(angles.get(axis, 0.0) - base.get(axis, 0.0)) >= LEAST
        for axis in {*angles, *base} if axis.startswith(LIMBS[limb])
    )
