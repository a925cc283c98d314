"""Everything that a posture touches, holds or has beside it, put in its world. Must not know pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from calotype.language.pose.contact.surfaces import contacts
from calotype.language.pose.contact.touch import FROM_WALL, wall_normal
from calotype.language.pose.linear import Vector, subtract
from calotype.language.pose.props import carried, furniture, on_props, round_things, taut, written_props
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.props.prop_kinds import OF_SURFACE
from calotype.language.pose.skeleton import Skeleton

FURNITURE = ("chair", "stool", "bench", "bed", "table", "step")


def placed(posture: Mapping[str, Any], skeleton: Skeleton) -> tuple[Placed, ...]:
    """Every prop of a posture that is at rest as `skeleton`: what it touches, by name, then what stands by."""
    touching = contacts(posture)
    put: list[Placed] = []
    for surface in sorted({surface for surface in touching.values() if surface in OF_SURFACE}):
        parts = [part for part, other in touching.items() if other == surface]
        if surface == "chair_back" and "chair" in touching.values():
            continue  # it is the back of the chair that something else is on
        put += _put(surface, posture, skeleton, parts, on_props.options_of(posture, OF_SURFACE[surface]), put)
    for name, options in written_props.of(posture):
        if not any(OF_SURFACE.get(surface) == name for surface in touching.values()) or "under" in options:
            if name == "ball" and any(prop.name == name for prop in put):
                continue
            under = options.get("under", "")
            parts = [part for part, surface in touching.items() if under and surface == f"{name} under {under}"]
            put += _put(name, posture, skeleton, parts, options, put)
    return tuple(put)


def _put(
    name: str, posture: Mapping[str, Any], skeleton: Skeleton, parts: Sequence[str], options: Mapping[str, Any],
    others: Sequence[Placed],
) -> Iterator[Placed]:
    """What there is of one name, touched by some parts or by none; `others` stand already."""
    if name in FURNITURE:
        yield furniture.furniture(name, posture, skeleton, parts, options)
    elif name == "chair_back":
        yield furniture.chair_back(skeleton, parts, options)
    elif name == "wall":
        normal = _wall_normal(posture, skeleton, parts, options)
        yield furniture.wall(skeleton, parts, normal, _ball_before(posture, parts, others), others)
    elif name == "doorway":
        yield furniture.doorway(skeleton, parts)
    elif name in carried.RODS:
        yield from carried.rod(name, skeleton, parts)
    elif name == "weight" and "at" in options:
        yield taut.cuff(skeleton, options["at"])
    elif name in ("dumbbell", "weight"):
        yield from carried.dumbbells(name, skeleton, parts)
    elif name == "stick":
        yield carried.stick(skeleton, parts)
    elif name in ("band", "strap"):
        yield taut.band(name, skeleton, options)
    elif name == "ball":
        yield round_things.ball(posture, skeleton, options, _moved(posture, skeleton))
    elif name == "roller":
        yield round_things.roller(posture, skeleton, parts or on_props.parts_of(options["under"]), options)
    elif name in ("towel", "pillow"):
        yield round_things.soft(name, posture, skeleton, parts, options)
    elif name == "mug":
        yield carried.mug_in(skeleton, parts[0]) if parts else _mug_on_the_table(skeleton)
    else:
        yield furniture.mat(skeleton)


def _wall_normal(
    posture: Mapping[str, Any], skeleton: Skeleton, parts: Sequence[str], options: Mapping[str, Any]
) -> Vector:
    return FROM_WALL[options["side"]] if "side" in options else wall_normal(posture, skeleton, parts)


def _ball_before(posture: Mapping[str, Any], parts: Sequence[str], others: Sequence[Placed]) -> Placed | None:
    """The ball between the body and a wall that nothing else touches."""
    if parts or "between" in on_props.options_of(posture, "ball"):
        return None
    return next((prop for prop in others if prop.name == "ball"), None)


def _moved(posture: Mapping[str, Any], skeleton: Skeleton) -> Vector:
    """How far the body is from where it was solved."""
    if "root" not in posture:
        return (0.0, 0.0, 0.0)
    x, y, z = posture["root"][3]
    return subtract(skeleton.position["pelvis"], (x, y, z))


def _mug_on_the_table(skeleton: Skeleton) -> Placed:
    top, near, *_ = furniture.desk(skeleton)
    return carried.mug_at((near + 0.17, top, 0.16))
