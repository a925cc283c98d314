"""A request to pixels. Must not know files, targets or caches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from calotype.workers.render.mannequin import floor, line_art, mesh, overlay
from calotype.workers.render.mannequin.ghost import before_props, one_of_each
from calotype.workers.render.mannequin.jitter import jitter
from calotype.workers.render.mannequin.overlay import GREY, Arrow
from calotype.workers.render.mannequin.scene import Scene, Surface, compose, figure, render
from calotype.workers.render.mannequin.tints.muscles import tint

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

LARGE = 2100 * 2100
"""Pixels from which on one sample makes a pixel."""


def stage(request: Mapping[str, Any]) -> tuple[list[Scene], list[Arrow], tuple[int, int, int]]:
    """What a request shows: the figure and, after it, its ghost before one camera; arrows; the colour of its ink."""
    moved = jitter(request["posture"], request["seed"])
    size = (int(request["size"][0]), int(request["size"][1]))
    face = request["drawing"] != "mesh"
    figures = [figure(moved.posture, size, face)]
    if "ghost" in moved.posture.get("show", ()):
        beside = figures[0] if "planted" in moved.posture else None
        figures = list(one_of_each(figures[0], figure(moved.posture["from"], size, face, beside)))
    arrows = overlay.arrows(moved.posture, figures[0].skeleton)
    scenes = compose(
        figures, request["view"], request["side"], request["joints"], size, moved.yaw, moved.pitch,
        [arrow.path for arrow in arrows],
    )
    return scenes, arrows, moved.ink


def draw(request: Mapping[str, Any], samples: int | None = None) -> Pixels:
    """The picture of a request of the mannequin: RGB, of the request's size, the same bytes every time. `samples` make
    a pixel each way; None: as many as its size wants."""
    from PIL import Image, ImageFilter

    scenes, arrows, ink = stage(request)
    meshed = request["drawing"] == "mesh"
    width, height = scenes[0].frame.width, scenes[0].frame.height
    finer = samples or _finer(width, height)
    whole = Image.new("RGB", (width * finer, height * finer), mesh.CREAM if meshed else (255, 255, 255))
    if request["posture"]["base"] != "hanging":
        floor.shadow(whole, scenes[0], finer, 0.55 if meshed else 0.32)
    overlay.draw_outlines(whole, scenes[0], finer)
    surface = render(scenes[0], finer)
    stays = _ghosts(whole, scenes, surface, finer)
    manner = mesh if meshed else line_art
    manner.paint(whole, scenes[0], surface, finer, tint(scenes[0], surface, finer, request["muscles"]), ink)
    if stays is not None:
        whole.paste(*stays)
    overlay.draw(whole, scenes[0], finer, arrows, request["joints"])
    # with one sample a pixel, half a pixel of blur takes the stairs off the lines
    return whole.reduce(finer) if finer > 1 else whole.filter(ImageFilter.GaussianBlur(0.6))


def _ghosts(
    whole: Pixels, scenes: list[Scene], surface: Surface, finer: int
) -> tuple[Pixels, tuple[int, int], Pixels] | None:
    """Paints the ghosts. Where they stand before the figure's props they stay: what to paste, where, and its mask."""
    from PIL import Image

    stays = None
    for scene in scenes[1:]:
        ghost = render(scene, finer)
        line_art.paint(whole, scene, ghost, finer, None, GREY)
        reach = line_art.reach(scene, finer)
        if scenes[0].solids and (before := before_props(surface, ghost, reach)).any():
            corner = (surface.left, surface.top)
            window = (*corner, corner[0] + before.shape[1], corner[1] + before.shape[0])
            stays = whole.crop(window), corner, Image.fromarray(before.astype("uint8") * 255)
    return stays


def _finer(width: int, height: int) -> int:
    """How many samples each way make a pixel: a large picture is fine enough by itself, and would not fit."""
    if width * height > LARGE:
        return 1
    return 3 if 96 < min(width, height) <= 200 else 2
