"""Medical line art: an even black contour on white, minimal shading, muscles tinted. Must not know geometry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calotype.workers.render.mannequin.scene import PROP, Scene, Surface
from calotype.workers.render.mannequin.wardrobe import SHOE, SHORTS, SKIN, SOLE, clothes

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

Array = NDArray[Any]

CONTOUR, INNER, GARMENT = 0.0036, 0.0028, 0.0022
"""Widths of lines, as parts of the picture's shorter side."""
STEP = 0.011
"""Metres: a nearer surface must stand this far before the next for a line between them."""
LIGHT = np.array([-0.35, 0.75, 0.56], np.float32)
PAPER: dict[int, tuple[int, int, int]] = {
    SKIN: (255, 255, 255), SHORTS: (226, 230, 235), SHOE: (242, 243, 245), SOLE: (255, 255, 255)
}
KIN = {frozenset(pair) for pair in ((1, 2), *((1, 4 + 4 * s) for s in (0, 1)), *((1, 6 + 4 * s) for s in (0, 1)))} | {
    frozenset(pair) for s in (0, 1) for pair in ((4 + 4 * s, 5 + 4 * s), (6 + 4 * s, 7 + 4 * s))
}
"""Parts that grow into one another: trunk and head, trunk and limbs, leg and foot, arm and hand."""


def edges(surface: Surface, cloth: Array) -> tuple[Array, Array, Array]:
    """Pixels (h, w) on a contour against the ground, on an inner contour, and on a seam of clothes or of a prop."""
    label = surface.label
    outer, inner, seam = (np.zeros(label.shape, bool) for _ in range(3))
    for axis in (0, 1):
        here, there = _pair(label, axis)
        ground = (here == 0) != (there == 0)
        both = (here > 0) & (there > 0)
        other = both & (here != there)
        body = (here < PROP) & (there < PROP)
        jump = both & _jumps(surface.depth, label, axis)
        stranger = other & ~(_kin(here, there) & body)
        piece = (here - PROP) // 8 == (there - PROP) // 8
        crease = stranger & ~body & (here >= PROP) & (there >= PROP) & piece
        sewn = both & body & np.not_equal(*_pair(cloth, axis))
        for mask, wanted in ((outer, ground), (inner, (stranger & ~crease) | jump), (seam, crease | sewn)):
            _pair(mask, axis)[0][...] |= wanted
    return outer, inner, seam


def _pair(values: Array, axis: int) -> tuple[Array, Array]:
    return (values[:-1], values[1:]) if axis == 0 else (values[:, :-1], values[:, 1:])


def _kin(here: Array, there: Array) -> Array:
    table = np.zeros((PROP, PROP), bool)
    for pair in KIN:
        a, b = tuple(pair)
        table[a, b] = table[b, a] = True
    return np.asarray(table[np.minimum(here, PROP - 1), np.minimum(there, PROP - 1)])


def _jumps(depth: Array, label: Array, axis: int) -> Array:
    """Where depth breaks off: neither side, carried on at its own slope, meets the other."""
    values, names = (depth, label) if axis == 0 else (depth.T, label.T)
    with np.errstate(invalid="ignore"):
        step = np.diff(values, axis=0)
        slope = np.where((names[1:] == names[:-1]) & np.isfinite(step), step, 0.0)
        before, after = np.zeros_like(slope), np.zeros_like(slope)
        before[1:], after[:-1] = slope[:-1], slope[1:]
        # at a break inside one part both neighbours' slopes are small beside the step itself
        gap = np.minimum(np.abs(step - before), np.abs(step - after))
        found = (gap > STEP) & (np.abs(step) > STEP) & np.isfinite(step)
    return found if axis == 0 else found.T


def thicken(mask: Array, width: float) -> Array:
    """The mask grown to lines `width` pixels wide."""
    radius = max(width / 2, 0.5)
    reach = int(np.floor(radius))
    grown = mask.copy()
    for dy in range(-reach, reach + 1):
        half = int(np.floor(np.sqrt(max(radius * radius - dy * dy, 0.0))))
        row = _shift(mask, dy, 0)
        for dx in range(-half, half + 1):
            if dx or dy:
                grown |= _shift(row, 0, dx)
    return grown


def _shift(mask: Array, dy: int, dx: int) -> Array:
    moved = np.zeros_like(mask)
    h, w = mask.shape
    moved[max(dy, 0) : h + min(dy, 0), max(dx, 0) : w + min(dx, 0)] = mask[
        max(-dy, 0) : h + min(-dy, 0), max(-dx, 0) : w + min(-dx, 0)
    ]
    return moved


def paint(scene: Scene, surface: Surface, finer: int, tint: Array | None, ink: tuple[int, int, int]) -> Pixels:
    """The drawing, at the picture's resolution. `tint` (P,) is how much of a shown muscle each pixel carries."""
    from PIL import Image

    cloth = clothes(surface)
    colour = _fill(surface, cloth)
    if tint is not None:
        red = np.array([206, 74, 62], np.float32)
        colour += (red - colour) * (0.62 * tint)[:, None]
    canvas = np.full((*surface.label.shape, 3), 255, np.uint8)
    canvas[surface.ys, surface.xs] = np.clip(colour, 0, 255).astype(np.uint8)
    worn = np.zeros(surface.label.shape, np.int8)
    worn[surface.ys, surface.xs] = cloth
    outer, inner, seam = edges(surface, worn)
    unit = min(scene.frame.width, scene.frame.height) * finer
    faint = np.array(ink, np.uint8) + 96
    canvas[thicken(seam, max(GARMENT * unit, 1.0))] = faint
    canvas[thicken(inner, max(INNER * unit, 1.0)) | thicken(outer, max(CONTOUR * unit, 1.2))] = ink
    whole = Image.new("RGB", (scene.frame.width * finer, scene.frame.height * finer), (255, 255, 255))
    whole.paste(Image.fromarray(canvas), (surface.left, surface.top))
    return whole.resize((scene.frame.width, scene.frame.height), Image.Resampling.BOX)


def _fill(surface: Surface, cloth: Array) -> Array:
    """Paper white, a little darker where the surface turns from the light."""
    light = surface.normal @ (LIGHT / np.linalg.norm(LIGHT))
    shade = np.clip(0.30 - light, 0.0, 1.0) * 34.0
    base = np.array([PAPER[kind] for kind in range(4)], np.float32)[cloth]
    prop = surface.part >= PROP
    base[prop] = 246.0
    shade[prop] = np.clip(0.75 - light[prop], 0.0, 1.0) * 22.0
    return np.asarray(base - shade[:, None])
