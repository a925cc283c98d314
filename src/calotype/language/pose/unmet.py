"""Contacts that a pose says and that its written angles keep from being met, each with the angle that would let it.

Must not know the file that the pose stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.language.pose.contact.at_rest import Contact
from calotype.language.pose.contact.touch import FAR
from calotype.language.pose.pose_finding import Finding
from calotype.language.pose.props.prop_kinds import KINDS
from calotype.language.pose.props.through import faults, has_props
from calotype.language.pose.stance import contacts, rest, result, settled
from calotype.language.pose.terms import AXIS, JOINTS, PLURALS, SIDES

UNMET = "contact-unmet"
SIDED = tuple(name for name, kind in KINDS.items() if kind.option("side") and not kind.option("from"))
"""Props that may be put on a side."""
NO_SINGLE = "no single angle would let it touch: write fewer angles, or another contact"


def unmet(posture: Mapping[str, Any], written: Any = None) -> list[Finding]:
    """What of a canonical posture's contacts stays open, the beginning of a movement included. `written` is the pose
    as its author wrote it: findings point into it as far as they can."""
    findings = list(_phase(posture, written, ()))
    if "from" in posture:
        start = written.get("from") if isinstance(written, Mapping) else None
        findings += _phase(posture["from"], start, ("from",))
    return findings


def _phase(posture: Mapping[str, Any], written: Any, at: tuple[str | int, ...]) -> Iterator[Finding]:
    if "solver" in posture:
        yield from _gaps(posture, written, at)
    if has_props(posture):
        yield from _props(posture, written, at)


def _gaps(posture: Mapping[str, Any], written: Any, at: tuple[str | int, ...]) -> Iterator[Finding]:
    rested = result(posture)
    for contact in rested.contacts:
        if contact.said and not contact.holds:
            yield Finding(
                (*at, *_place(contact.part, written)), "warning", UNMET,
                f"`{contact.part}` stays {100 * abs(contact.gap):.1f} cm off `{_surface(posture, contact)}`",
                _remedy(posture, contact) or NO_SINGLE,
            )
    if _curls(posture) and "back" in rested.released:
        yield Finding(
            (*at, *(("lumbar_flexion",) if isinstance(written, Mapping) and "lumbar_flexion" in written else ())),
            "warning", UNMET, "the back leaves the floor, since the hips are bent as far as before",
            f"posterior_pelvic_tilt: {posture['lumbar_flexion']:g} flattens the lower back with the feet on the floor",
        )
    if rested.sunk > FAR:
        yield Finding(
            at, "warning", UNMET, f"the body passes {100 * rested.sunk:.1f} cm through the floor, a wall or itself",
            "write fewer angles, so that the others can give way",
        )


def _curls(posture: Mapping[str, Any]) -> bool:
    """Whether someone on the back, with the feet down, bends the lower back and nothing above: no trunk is to rise."""
    written = posture.get("written", ())
    above = (f"{part}_flexion" for part in ("thoracic", "spine", "neck"))
    touching = contacts(posture)
    return (
        posture["base"] in ("supine", "crook_lying") and "lumbar_flexion" in written
        and posture.get("lumbar_flexion", 0.0) > 0 and not any(axis in written for axis in above)
        and all(touching.get(f"{side}_foot") == "floor" for side in SIDES) and "back" in touching
    )


def _props(posture: Mapping[str, Any], written: Any, at: tuple[str | int, ...]) -> Iterator[Finding]:
    """What of the body is in a prop, and which props stand in one another."""
    passed, inside = faults(settled(posture), rest(posture))
    place = (*at, "props") if isinstance(written, Mapping) and "props" in written else at
    for name, depth in passed:
        if depth > FAR:
            yield Finding(
                place, "warning", UNMET, f"the body passes {100 * depth:.1f} cm through the {name}",
                f"write fewer angles, so that the body can give way, or put the {name} elsewhere",
            )
    for name, other in inside:
        yield Finding(
            place, "warning", UNMET, f"the {name} stands in the {other}",
            f"put one on another side: {{{name}: {{side: left}}}}" if name in SIDED else "leave one of them out",
        )


def _surface(posture: Mapping[str, Any], contact: Contact) -> str:
    return str(posture.get("contacts", {}).get(contact.part, contact.surface))


def _place(part: str, written: Any) -> tuple[str, ...]:
    """Where in a written pose a contact stands; nowhere, if it comes from a pose that this one rests on."""
    said = written.get("contacts") if isinstance(written, Mapping) else None
    if not isinstance(said, Mapping):
        return ()
    plurals = {f"{side}_{name}": plural for plural, name in (*PLURALS.items(), ("toes", "toes")) for side in SIDES}
    return next((("contacts", key) for key in (part, plurals.get(part, part)) if key in said), ("contacts",))


def _remedy(posture: Mapping[str, Any], contact: Contact) -> str | None:
    """The written angle that, changed alone, lets the contact be met: the one that has to change least."""
    changes: list[tuple[float, str]] = []
    for name in posture.get("written", ()):
        side, _, axis = name.rpartition(".")
        paired = _alike(posture, axis)
        if side == "right" and paired:
            continue
        names = [f"left.{axis}", f"right.{axis}"] if paired else [name]
        value = _freed(posture, names, contact)
        if value is not None:
            low, high = AXIS[axis].normal
            was = float((posture.get(side, {}) if side else posture).get(axis, 0.0))
            changes.append((abs(value - was) / (high - low), _term(axis, value, "" if paired else side)))
    return f"{min(changes)[1]} would" if changes else None


def _alike(posture: Mapping[str, Any], axis: str) -> bool:
    """Whether an axis is written on both sides, and the same."""
    left, right = (posture.get(side, {}).get(axis, 0.0) for side in SIDES)
    return bool(left == right) and all(f"{side}.{axis}" in posture["written"] for side in SIDES)


def _freed(posture: Mapping[str, Any], names: list[str], contact: Contact) -> float | None:
    """The angle at which a contact is met once some written axes are open; None where it is not."""
    opened = {**posture, "written": [name for name in posture["written"] if name not in names]}
    rested = result(opened)
    if not any(other.part == contact.part and other.holds for other in rested.contacts):
        return None
    side, _, axis = names[0].rpartition(".")
    value = float((rested.posture.get(side, {}) if side else rested.posture).get(axis, 0.0))
    fits = (degrees for degrees in (round(value), round(value, 1)) if _lets(posture, names, degrees, contact))
    return next(fits, None)


def _lets(posture: Mapping[str, Any], names: list[str], degrees: float, contact: Contact) -> bool:
    """Whether a contact is met where some axes are written as so many degrees."""
    changed = {**posture, **{side: dict(posture.get(side, {})) for side in SIDES}}
    for name in names:
        side, _, axis = name.rpartition(".")
        (changed[side] if side else changed)[axis] = float(degrees)
    still = {other.part for other in result(changed).contacts if other.said and not other.holds}
    before = {other.part for other in result(posture).contacts if other.said and not other.holds}
    return still < before and contact.part not in still


def _term(axis: str, value: float, side: str) -> str:
    """An angle as an author writes it."""
    name, degrees = axis, value
    opposite = AXIS[axis].opposite
    if AXIS[axis].laterality == "directed":
        side, degrees = ("left", -value) if value < 0 else ("right", value)
    elif value < 0 and opposite in JOINTS:
        name, degrees = str(opposite), -value
    return f"`{side}: {{{name}: {degrees:g}}}`" if side else f"`{name}: {degrees:g}`"
