"""Where the body rests: the one door to the skeleton of a posture in its world. Must not know pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.pose.contact.placing import place
from calotype.language.pose.contact.surfaces import contacts, lowest, spheres
from calotype.language.pose.skeleton import Skeleton

__all__ = ["contacts", "lowest", "rest", "settled", "spheres"]


def rest(posture: Mapping[str, Any]) -> Skeleton:
    """The skeleton of a canonical posture in the world: floor at y = 0, in metres, contacts on their surfaces."""
    return place(settled(posture))


def settled(posture: Mapping[str, Any]) -> Mapping[str, Any]:
    """The posture as it comes to rest: with solved angles, and without contacts that had to be released, where there
    was something to solve; else the posture itself."""
    if "solver" not in posture or "root" in posture:
        return posture
    from calotype.language.pose.contact.solve import solve

    return {**posture, **solve(posture).posture}
