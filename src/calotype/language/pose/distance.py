"""How far one posture is from another. Must not know what the distance is used for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.pose.terms import AXES, SIDES


def distance(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Mean difference of the joint angles of two canonical postures, in degrees, and 30 more for another base."""
    total, count = 0.0, 0
    for axis in AXES:
        for side in SIDES if axis.laterality == "paired" else ("",):
            a, b = (posture.get(side, {}) if side else posture for posture in (one, other))
            total += abs(a.get(axis.name, 0.0) - b.get(axis.name, 0.0))
            count += 1
    return total / count + (0.0 if one["base"] == other["base"] else 30.0)
