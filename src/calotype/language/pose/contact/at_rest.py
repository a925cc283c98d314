"""How a posture came to rest: what touches what, how far off it is, what was released. Must not know how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.contact.need import State
from calotype.language.pose.contact.touch import NEAR, Touch
from calotype.language.pose.skeleton import Skeleton

DEEPEST = 0.04
"""Metres by which a part may press into what it touches; below that it is under it."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A part and what it touches; `gap` in metres, negative where it sinks in; `said` by the pose, not by its base."""

    part: str
    surface: str
    gap: float
    said: bool

    @property
    def holds(self) -> bool:
        return -DEEPEST <= self.gap <= NEAR


@dataclass(frozen=True, slots=True)
class Outcome:
    """A posture in its world. `posture` has the solved angles and its `root`; `released` are parts that left a contact
    of the base; `sunk` is how many metres the body passes through floor, wall or itself."""

    posture: Mapping[str, Any]
    skeleton: Skeleton
    contacts: tuple[Contact, ...]
    released: tuple[str, ...]
    sunk: float


def outcome(posture: Mapping[str, Any], state: State, released: Sequence[str]) -> Outcome:
    """What came of a posture whose contacts are in a `state`."""
    skeleton, solid = state.skeleton, state.touching
    root = [*skeleton.rotation["pelvis"], skeleton.position["pelvis"]]

    def contact(touch: Touch, gap: float) -> Contact:
        return Contact(touch.part, touch.surface, gap, touch.said)

    return Outcome(
        {**posture, "root": root}, skeleton,
        tuple(contact(touch, gap) for touch, gap in zip(solid, state.gaps, strict=True) if touch.part not in released),
        tuple(released), state.sunk,
    )
