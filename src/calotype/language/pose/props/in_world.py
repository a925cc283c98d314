"""Everything that a posture touches, holds or has beside it, put in its world. Must not know pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from calotype.language.pose.contact.surfaces import contacts
from calotype.language.pose.contact.touch import wall_normal
from calotype.language.pose.props import carried, furniture, written_props
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.props.prop_kinds import KINDS
from calotype.language.pose.skeleton import Skeleton

Maker = Callable[[Skeleton, Sequence[str]], Iterator[Placed]]
FURNITURE: dict[str, Maker] = {
    "chair": furniture.chair, "bench": furniture.bench, "table": furniture.table, "step": furniture.step,
}


def placed(posture: Mapping[str, Any], skeleton: Skeleton) -> tuple[Placed, ...]:
    """Every prop of a posture that is at rest as `skeleton`: what it touches, by name, then what stands by."""
    touching = contacts(posture)
    put: list[Placed] = []
    for surface in sorted({surface for surface in touching.values() if surface in KINDS}):
        put += _put(surface, posture, skeleton, [part for part, other in touching.items() if other == surface])
    for name, _ in written_props.of(posture):
        if name not in touching.values():
            put += _put(name, posture, skeleton, [])
    return tuple(put)


def _put(name: str, posture: Mapping[str, Any], skeleton: Skeleton, parts: Sequence[str]) -> Iterator[Placed]:
    """What there is of one name, touched by some parts or by none."""
    if name in FURNITURE:
        yield from FURNITURE[name](skeleton, parts)
    elif name == "wall":
        yield from furniture.wall(skeleton, parts, wall_normal(posture, skeleton, parts))
    elif name in carried.RODS:
        yield from carried.rod(name, skeleton, parts)
    elif name == "dumbbell":
        yield from carried.dumbbells(name, skeleton, parts)
    elif name == "mug":
        yield carried.mug_in(skeleton, parts[0]) if parts else _mug_on_the_table(skeleton)
    else:
        yield furniture.mat(skeleton)


def _mug_on_the_table(skeleton: Skeleton) -> Placed:
    top, near, *_ = furniture.desk(skeleton)
    return carried.mug_at((near + 0.17, top, 0.16))
