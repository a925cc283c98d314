"""A request to pixels. Must not know files, targets or caches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from calotype.workers.render.mannequin import line, mesh
from calotype.workers.render.mannequin.jitter import jitter
from calotype.workers.render.mannequin.muscles import tint
from calotype.workers.render.mannequin.scene import compose, render

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels


def draw(request: Mapping[str, Any]) -> Pixels:
    moved = jitter(request["posture"], request["seed"])
    size = request["size"][0], request["size"][1]
    scene = compose(
        moved.posture, request["view"], request["side"], tuple(request["joints"]), size, moved.yaw, moved.pitch,
        face=request["drawing"] != "mesh",
    )
    finer = 2 if min(size) > 300 else 3
    surface = render(scene, finer)
    shown = tint(surface, request["muscles"])
    manner = mesh if request["drawing"] == "mesh" else line
    return manner.paint(scene, surface, finer, shown, moved.ink)
