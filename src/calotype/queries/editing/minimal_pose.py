"""A pose as it is best written: only what differs from what it rests on. Must not judge ranges, nor know files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from calotype.language.pose.chains import Library
from calotype.language.pose.posture import resolve
from calotype.language.pose.terms import AXES, JOINTS, SIDES

Place = tuple[str, str]
"""A side, or "" on the midline, and an axis."""
Said = tuple[str, float]
"""A term, and its number."""


def minimal(pose: Mapping[str, Any], position: str | None, library: Library) -> dict[str, Any]:
    """The same posture as `pose` (which `check` accepts) in as few words: what is as in its base is left out, and so is
    a base that is the `position` (None: none is taken for granted); what both sides have stands once."""
    same_posture = resolve(pose, position, library)
    best = _with_angles(pose, angles_of(pose))
    for fewer in _attempts(best, position, library):
        if resolve(fewer, position, library) == same_posture:
            best = fewer
            break
    if position is not None and best.get("base") == position:
        bare = {key: value for key, value in best.items() if key != "base"}
        best = bare if resolve(bare, position, library) == same_posture else best
    return best


def _attempts(pose: Mapping[str, Any], position: str | None, library: Library) -> Iterable[dict[str, Any]]:
    """`pose` without all angles that its base has as well, then without those that may go one by one."""
    angles = angles_of(pose)
    ground = resolve(_with_angles(pose, {}), position, library)
    same = [place for place, angle in angles.items() if _along(angle) == value_at(ground, place)]
    if not same:
        return
    yield _with_angles(pose, {place: angle for place, angle in angles.items() if place not in same})
    same_posture = resolve(pose, position, library)
    for place in same:
        fewer = {other: angle for other, angle in angles.items() if other != place}
        if resolve(_with_angles(pose, fewer), position, library) == same_posture:
            angles = fewer
    yield _with_angles(pose, angles)


def angles_of(pose: Mapping[str, Any]) -> dict[Place, Said]:
    """The angles that a pose says itself, each side's apart. A turn to the left is one to the right below zero."""
    angles: dict[Place, Said] = {}
    for term, number in pose.items():
        if term in JOINTS:
            joint = JOINTS[term]
            for side in SIDES if joint.laterality == "paired" else ("",):
                angles[side, joint.axis] = term, number
    for side in SIDES:
        for term, number in (pose.get(side) or {}).items():
            joint = JOINTS[term]
            if joint.laterality == "directed":
                angles["", joint.axis] = term, -number if side == "left" else number
            else:
                angles[side, joint.axis] = term, number
    return angles


def value_at(posture: Mapping[str, Any], place: Place) -> float:
    """The angle of a canonical posture at a place, along its axis."""
    side, axis = place
    return float((posture.get(side, {}) if side else posture).get(axis, 0.0))


def _along(angle: Said) -> float:
    term, number = angle
    return round(JOINTS[term].sign * float(number), 6) + 0.0


def _with_angles(pose: Mapping[str, Any], angles: Mapping[Place, Said]) -> dict[str, Any]:
    """`pose` with just these angles: the base first, then the angles from head to foot, then all else as it stands."""
    first = ("base", "mirror_of", "mirror", "from", "to", "fraction", "figure")
    written: dict[str, Any] = {key: pose[key] for key in first if key in pose}
    sides: dict[str, dict[str, Any]] = {side: {} for side in SIDES}
    for axis in AXES:
        if axis.laterality == "directed":
            if ("", axis.name) in angles:
                term, number = angles["", axis.name]
                sides["left" if number < 0 else "right"][term] = plain(abs(number))
            continue
        by_side = [(side, angles[side, axis.name]) for side in ("", *SIDES) if (side, axis.name) in angles]
        if len(by_side) == 2 and by_side[0][1] == by_side[1][1]:
            by_side = [("", by_side[0][1])]
        for side, (term, number) in by_side:
            (sides[side] if side else written)[term] = plain(number)
    written |= {side: angles for side, angles in sides.items() if angles}
    return written | {key: value for key, value in pose.items()
                      if key not in written and key not in JOINTS and key not in SIDES}


def plain(number: float) -> float:
    """A number as a person writes it: 30, not 30.0."""
    return int(number) if float(number).is_integer() else round(float(number), 3)
