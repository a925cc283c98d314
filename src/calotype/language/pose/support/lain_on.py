"""What carries a body as the floor does: the floor, or the bed that it lies on, and the limbs that hang over its edge.

Must not know how a body rests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.contact.surfaces import (
    MIDLINE_SURFACE,
    PAIRED_SURFACE,
    contacts,
    lowest,
    spheres,
)
from calotype.language.pose.props import on_props
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.terms import ARM, LEG, SIDES

OVER = 0.08
"""Metres that a limb is lower than what the body lies on, where it hangs over the edge."""
TRUNK = (*MIDLINE_SURFACE, *(f"{side}_{part}" for side in SIDES for part in ("hip", "shoulder")))
EVERY = (*MIDLINE_SURFACE, *(f"{side}_{part}" for side in SIDES for part in PAIRED_SURFACE))


@dataclass(frozen=True, slots=True)
class Ground:
    """`height` in metres of what carries the body; `hanging` are limbs (`left_leg`) beyond its edge."""

    height: float = 0.0
    hanging: frozenset[str] = frozenset()

    @property
    def beyond(self) -> tuple[str, ...]:
        """The parts that are beyond the edge."""
        return tuple(part for limb in sorted(self.hanging) for part in parts_of(limb))

    def sunk(self, skeleton: Skeleton) -> float:
        """Metres by which the surface of the body is below the floor, or below what it lies on; negative where not."""
        if not self.hanging:
            return self.height - lowest(skeleton)
        beyond = self.beyond
        carried = [part for part in EVERY if part not in beyond and not part.endswith("_side")]
        return max(self.height - lowest(skeleton, carried), -lowest(skeleton, beyond))


FLOOR = Ground()


def ground_of(posture: Mapping[str, Any], skeleton: Skeleton) -> Ground:
    """What carries a posture that is placed as `skeleton`."""
    height = on_props.ground(posture) if "contacts" in posture else 0.0
    if not height:
        return FLOOR
    touching = contacts(posture)
    return Ground(height, frozenset(
        limb for limb in (f"{side}_{name}" for side in SIDES for name in ("arm", "leg"))
        if any(touching.get(part) == "floor" for part in parts_of(limb))
        or min(at[1] for at, _ in spheres(skeleton, parts_of(limb)[:3])) < height - OVER
    ))


def parts_of(limb: str) -> tuple[str, ...]:
    side, _, name = limb.partition("_")
    return tuple(f"{side}_{part}" for part in (LEG if name == "leg" else ARM))
