"""What stays where it is while a body moves: feet, knees, back or hands that rest on the same before and after.

Must not know pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import hypot
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.contact.surfaces import contacts, spheres
from calotype.language.pose.contact.touch import along, wall_normal
from calotype.language.pose.linear import IDENTITY, Vector, add, scale, subtract
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.terms import ARM, SIDES

NEAR = 0.015
"""Metres above the floor within which a part rests on it."""
AGREED = 0.04
"""Metres within which two parts tell the same place."""
STILL = 0.002
"""Metres that are no movement of the whole body."""
WEIGHT = (*(f"{side}_{part}" for part in ("heel", "toes", "knee", "shin", "side") for side in SIDES),
          "back", "seat", "chest")
CARRIED_ON = {
    "long_sitting": ("seat",), **dict.fromkeys(("supine", "crook_lying", "prone"), ("back", "chest")),
}
"""What carries who sits on the floor, or lies: it stays, whatever the feet do."""
ARMS = tuple(f"{side}_{part}" for part in ARM for side in SIDES)


@dataclass(frozen=True, slots=True)
class Wall:
    """A wall that a body leans on before and after: the parts that do, and the way from the wall to the body."""

    parts: tuple[str, ...]
    normal: Vector


def wall_of(start: Mapping[str, Any], end: Mapping[str, Any], skeleton: Skeleton) -> Wall | None:
    """The wall that two phases lean on with the same parts; `skeleton` is the end's."""
    first = contacts(start)
    parts = tuple(part for part, surface in contacts(end).items() if surface == "wall" == first.get(part))
    return Wall(parts, wall_normal(end, skeleton, parts)) if parts else None


def planted(start: Skeleton, end: Skeleton | None, base: str, wall: Wall | None = None) -> Skeleton:
    """`start`, moved as a whole to where most of what both rest on lies in `end`: who squats does not slide.

    Who hangs keeps the hands on the bar, who lies the trunk where it is; every other body is moved along the floor, and
    stays at its wall. Beside nothing it stays.
    """
    if end is None:
        return start
    if base == "hanging":
        shift = _middle(_offsets(start, end, ARMS[:2], floor=False))
    else:
        carried = _agreed(_offsets(start, end, CARRIED_ON.get(base, WEIGHT))) or _agreed(_offsets(start, end, WEIGHT))
        shift = carried or _agreed(_offsets(start, end, ARMS)) or (0.0, 0.0, 0.0)
    if wall:
        shift = _at_the_wall(start, end, wall, shift)
    if hypot(*shift) < STILL:
        return start
    return start.moved(IDENTITY, (0.0, 0.0, 0.0), shift)


def _at_the_wall(start: Skeleton, end: Skeleton, wall: Wall, shift: Vector) -> Vector:
    """The shift, as far from the wall as it takes to lean on it."""
    leans = [min(along(skeleton, part, wall.normal) for part in wall.parts) for skeleton in (start, end)]
    off = leans[1] - leans[0] - sum(a * b for a, b in zip(shift, wall.normal, strict=True))
    return add(shift, scale(wall.normal, off))


def _offsets(start: Skeleton, end: Skeleton, parts: Iterable[str], floor: bool = True) -> list[Vector]:
    """How far each point that rests on the floor at both times has moved."""
    offsets = []
    for (at, radius), (to, other) in zip(spheres(start, parts), spheres(end, parts), strict=True):
        if not floor:
            offsets.append(subtract(to, at))
        elif at[1] - radius < NEAR and to[1] - other < NEAR:
            offsets.append((to[0] - at[0], 0.0, to[2] - at[2]))
    return offsets


def _agreed(offsets: Sequence[Vector]) -> Vector | None:
    """The mean of the offsets that most others are near; of two as many, the shorter."""
    if not offsets:
        return None
    groups = [[other for other in offsets if hypot(*subtract(one, other)) <= AGREED] for one in offsets]
    return _middle(max(groups, key=lambda group: (len(group), -round(hypot(*_middle(group)), 6))))


def _middle(offsets: Sequence[Vector]) -> Vector:
    x, y, z = (sum(column) / len(offsets) for column in zip(*offsets, strict=True))
    return x, y, z
