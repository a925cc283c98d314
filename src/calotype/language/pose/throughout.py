"""Contacts that stand beside the phases of a movement: which of them its beginning shares. Must not know pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calotype.language.pose.contact.need import look
from calotype.language.pose.contact.touch import UP, along
from calotype.language.pose.terms import ARM

Posture = Mapping[str, Any]

WITHIN = 0.15
"""Metres that a part may be off at the beginning from what it touches at the end: further off, it only comes to it."""


def throughout(movement: Posture) -> tuple[Posture, Posture]:
    """The beginning and end of a canonical movement, with the props and the contacts that the movement itself says.

    The end has them all. The beginning has those that it says nothing else of, and that are no release and within
    reach: a hand on a chair back is there from the start, a hand that comes to the shin is not.
    """
    start, end = (_among(movement.get("props", ()), movement[phase]) for phase in ("from", "to"))
    own = end.get("contacts", {})
    beside = {part: surface for part, surface in movement.get("contacts", {}).items() if own.get(part) != surface}
    if not beside:
        return start, end
    lasting = {
        part: surface for part, surface in beside.items()
        if surface != "none" and part not in start.get("contacts", {}) and (
            start["base"] == end["base"] or part.endswith(ARM))  # arms keep hold while the body comes to another rest
    }
    last = _touching(end, beside)
    return _touching(start, _near(_touching(start, lasting), last, lasting)), last


def _among(props: Sequence[Any], phase: Posture) -> Posture:
    """A phase with the props of its movement of which something is said: a step is as high at the beginning."""
    said = [prop for prop in props if not isinstance(prop, str)]
    return {**phase, "props": said} if said and "props" not in phase else phase


def _near(start: Posture, end: Posture, lasting: Mapping[str, str]) -> Mapping[str, str]:
    """Those of the contacts that the beginning is nearly at: of what is level, as high as it is at the end."""
    if not lasting:
        return {}
    first, last = look(start), look(end)
    off = {touch.part: abs(gap) for touch, gap in zip(first.touching, first.gaps, strict=True)}
    for touch in last.touching:
        if touch.normal == UP and touch.part in lasting:
            rise = along(last.skeleton, touch.part, UP) - along(first.skeleton, touch.part, UP)
            off[touch.part] = max(off.get(touch.part, 0.0), abs(rise))
    return {part: surface for part, surface in lasting.items() if off.get(part, 0.0) <= WITHIN}


def _touching(phase: Posture, more: Mapping[str, str]) -> Posture:
    return {**phase, "contacts": dict(sorted({**phase.get("contacts", {}), **more}.items()))} if more else phase
