"""Where the body rests: the one door to the skeleton of a posture in its world. Must not know pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.pose.contact.placing import place
from calotype.language.pose.contact.surfaces import contacts, lowest, spheres
from calotype.language.pose.skeleton import Skeleton

__all__ = ["contacts", "lowest", "rest", "spheres"]


def rest(posture: Mapping[str, Any]) -> Skeleton:
    """The skeleton of a canonical posture in the world: floor at y = 0, in metres, contacts on their surfaces."""
    if "solver" not in posture:
        return place(posture)
    from calotype.language.pose.contact.solve import solve

    return solve(posture).skeleton
