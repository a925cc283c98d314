"""Placed props as pieces that can be drawn. Must not know the camera, nor why they are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from calotype.ground.light_dataclass import replace
from calotype.language.pose.linear import Vector
from calotype.language.pose.props.in_world import placed
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.skeleton import Skeleton
from calotype.workers.render.mannequin.props import along_path, furniture_pieces, held, soft
from calotype.workers.render.mannequin.props.solids import Solid

PIECES: dict[str, Callable[[Placed], Iterator[Solid]]] = {
    "chair": furniture_pieces.chair, "stool": furniture_pieces.stool, "bench": furniture_pieces.bench,
    "table": furniture_pieces.table, "bed": furniture_pieces.bed, "step": furniture_pieces.step,
    "mat": furniture_pieces.mat, "wall": furniture_pieces.wall, "doorway": furniture_pieces.doorway,
    "bar": held.bar, "barbell": held.barbell, "dumbbell": held.dumbbell, "weight": held.weight,
    "pulldown": held.pulldown, "cable": held.cable, "stick": held.stick, "mug": held.mug,
    "ball": soft.ball, "roller": soft.roller, "pillow": soft.pillow, "towel": soft.towel,
    "band": along_path.band, "strap": along_path.strap,
}
"""How each kind of prop is made."""


def pieces(prop: Placed) -> Iterator[Solid]:
    """The pieces of one prop, in the world, in metres."""
    for solid in PIECES[prop.name](prop):
        yield replace(solid, prop=prop.name)


def props(posture: Mapping[str, Any], skeleton: Skeleton, anchors: Sequence[Vector] = ()) -> list[Solid]:
    """Every piece of every prop that the posture touches, holds or has beside it. Its bands are held at `anchors`, if
    these are as many as its own."""
    own = anchors_of(posture, skeleton) if anchors else []
    moved = dict(zip(own, anchors, strict=True)) if len(own) == len(anchors) else {}
    return [solid for prop in placed(posture, skeleton) for solid in pieces(_held(prop, moved))]


def anchors_of(posture: Mapping[str, Any], skeleton: Skeleton) -> list[Vector]:
    """Where the bands of a posture are held, in order."""
    return [prop.options["anchor"] for prop in placed(posture, skeleton) if "anchor" in prop.options]


def _held(prop: Placed, moved: Mapping[Vector, Vector]) -> Placed:
    """A band that is held at another anchor."""
    anchor = prop.options.get("anchor")
    if anchor is None or anchor not in moved:
        return prop
    path = tuple(moved.get(point, point) for point in prop.path)
    return replace(prop, path=path, options={**prop.options, "anchor": moved[anchor]})
