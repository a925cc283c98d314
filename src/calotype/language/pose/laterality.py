"""Left and right in an author's words against left and right in the pose. Must not know where the words stand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from calotype.language.pose.check import Finding
from calotype.language.pose.resolve import base_of
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


def contradictions(text: str, posture: Mapping[str, Any]) -> list[Finding]:
    """Findings for every limb that the text names on one side only, while the pose moves only the other."""
    named = {(side.lower(), limb.lower()) for side, limb in _NAMED.findall(text)}
    found = []
    for side, limb in sorted(named):
        other = SIDES[1 - SIDES.index(side)]
        if (other, limb) in named:
            continue
        if not _moved(posture, side, limb) and _moved(posture, other, limb):
            found.append(Finding(
                (), "error", "laterality", f"the text says {side} {limb}, but the pose moves the {other} one",
                "left and right are the subject's own: mend the text, or mirror the pose (`mirror: true`)",
            ))
    return found


def _moved(posture: Mapping[str, Any], side: str, limb: str) -> bool:
    """Whether a limb is away from the base posture, or touches something of its own."""
    base, own = base_of(posture).get(side, {}), posture.get(side, {})
    if any(part.startswith(f"{side}_{limb}") for part in posture.get("contacts", {})):
        return True
    return any(
        abs(own.get(axis, 0.0) - base.get(axis, 0.0)) >= LEAST
        for axis in {*own, *base} if axis.startswith(LIMBS[limb])
    )
