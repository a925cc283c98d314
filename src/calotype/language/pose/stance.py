"""Where the body rests: the one door to the skeleton of a posture in its world. Must not know pictures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.pose.contact.at_rest import Outcome, outcome
from calotype.language.pose.contact.need import look
from calotype.language.pose.contact.placing import place
from calotype.language.pose.contact.surfaces import base_contacts, contacts, lowest, side_down, spheres
from calotype.language.pose.contact.touch import NEAR
from calotype.language.pose.skeleton import Skeleton

__all__ = ["base_contacts", "contacts", "holding", "lowest", "rest", "result", "settled", "side_down", "spheres"]


def rest(posture: Mapping[str, Any]) -> Skeleton:
    """The skeleton of a canonical posture in the world: floor at y = 0, in metres, contacts on their surfaces."""
    return place(settled(posture))


def settled(posture: Mapping[str, Any]) -> Mapping[str, Any]:
    """The posture as it comes to rest, where there was something to solve; else the posture itself.

    It has the solved angles, its `root`, no contact that had to be released, and nothing that is to be solved.
    """
    if "solver" not in posture:
        return posture
    solved = {**posture, **result(posture).posture}
    return {key: value for key, value in solved.items() if key != "solver"}


def result(posture: Mapping[str, Any]) -> Outcome:
    """How a posture comes to rest: its contacts with their gaps, what was released, how far it sinks in."""
    if "solver" in posture:
        from calotype.language.pose.contact.solve import solve

        return solve(posture)
    state = look(posture)
    if posture.get("solve") is False:
        return outcome(posture, state, ())
    lifted = [  # what holds and is off was lifted by its own angles: else there would be something to solve
        touch.part for touch, gap in zip(state.touching, state.gaps, strict=True) if not touch.said and gap > NEAR
    ]
    return outcome(posture, state, lifted)


def holding(posture: Mapping[str, Any]) -> Mapping[str, str]:
    """The contacts that a pose says and that hold: the others are not to be told of."""
    own: Mapping[str, str] = posture.get("contacts", {})
    if not own or ("solver" not in posture and posture.get("solve", True)):
        return own
    kept = contacts(settled(posture))
    off = {contact.part for contact in result(posture).contacts if not contact.holds}
    return {part: surface for part, surface in own.items() if part not in off and part in kept}
