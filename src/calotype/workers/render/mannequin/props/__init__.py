"""Placed props as pieces that can be drawn. Must not know the camera, nor why they are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from calotype.ground.light_dataclass import replace
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


def props(posture: Mapping[str, Any], skeleton: Skeleton) -> list[Solid]:
    """Every piece of every prop that the posture touches, holds or has beside it."""
    return [solid for prop in placed(posture, skeleton) for solid in pieces(prop)]
