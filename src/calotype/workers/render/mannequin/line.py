"""Medical line art: an even black contour on white, minimal shading, muscles tinted. Must not know geometry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calotype.workers.render.mannequin.body import LIMB, PARTS
from calotype.workers.render.mannequin.scene import PROP, Scene, Surface
from calotype.workers.render.mannequin.wardrobe import SHOE, SHORTS, SKIN, SOLE, clothes

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

Array = NDArray[Any]

CONTOUR, INNER, GARMENT = 0.0036, 0.0028, 0.0022
"""Widths of lines, as parts of the picture's shorter side."""
STEP = 0.011
"""Metres: a nearer surface must stand this far before the next for a line between them."""
RED = np.array([206, 74, 62], np.float32)
LIGHT = np.array([-0.35, 0.75, 0.56], np.float32)
PAPER: dict[int, tuple[int, int, int]] = {
    SKIN: (255, 255, 255), SHORTS: (226, 230, 235), SHOE: (242, 243, 245), SOLE: (255, 255, 255)
}
GROWN = (("trunk", "head"), ("trunk", "leg"), ("trunk", "arm"), ("leg", "foot"), ("arm", "hand"), ("hand", "thumb"),
         *(("hand", finger) for finger in LIMB[4:8]))
"""Parts that grow into one another: no line where they do."""
FINGERS = [PARTS.index(f"{side}_{finger}") + 1 for side in ("left", "right") for finger in LIMB[4:8]]


def _kin_table() -> Array:
    table = np.zeros((PROP, PROP), bool)
    for side in ("left", "right"):
        for pair in GROWN:
            a, b = (PARTS.index(one if one in PARTS else f"{side}_{one}") + 1 for one in pair)
            table[a, b] = table[b, a] = True
    return table


KIN = _kin_table()


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
        finger = other & _fingers(here, there)
        stranger = other & ~(_kin(here, there) & body) & ~finger
        piece = (here - PROP) // 8 == (there - PROP) // 8
        crease = stranger & ~body & (here >= PROP) & (there >= PROP) & piece
        sewn = both & body & np.not_equal(*_pair(cloth, axis))
        for mask, wanted in ((outer, ground), (inner, (stranger & ~crease) | jump), (seam, crease | sewn | finger)):
            _pair(mask, axis)[0][...] |= wanted
    return outer, inner, seam


def _pair(values: Array, axis: int) -> tuple[Array, Array]:
    return (values[:-1], values[1:]) if axis == 0 else (values[:, :-1], values[:, 1:])


def _kin(here: Array, there: Array) -> Array:
    return np.asarray(KIN[np.minimum(here, PROP - 1), np.minimum(there, PROP - 1)])


def _fingers(here: Array, there: Array) -> Array:
    """Finger beside finger of one hand: a fine line between them."""
    same = (here - FINGERS[0]) // len(LIMB) == (there - FINGERS[0]) // len(LIMB)
    return np.asarray(np.isin(here, FINGERS) & np.isin(there, FINGERS) & same)


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


def swept(mask: Array, width: float) -> Array:
    """The mask without crumbs: bits of line that are not much longer than they are wide."""
    from PIL import Image, ImageFilter

    reach = max(2, round(width * 1.6))
    density = Image.fromarray(mask.astype(np.uint8) * 255).filter(ImageFilter.BoxBlur(reach))
    # a line that only passes through the window covers 2 * reach + 1 of its pixels; a crumb far fewer
    enough = 255 * (1.15 * reach) / (2 * reach + 1) ** 2
    return np.asarray(mask & (np.asarray(density) >= enough))


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


def paint(
    whole: Pixels, scene: Scene, surface: Surface, finer: int, tint: Array | None, ink: tuple[int, int, int]
) -> None:
    """Draws on a picture at `finer` times the scene's resolution.

    `tint` (P,) is how much of a shown muscle each covered pixel carries; `ink` the colour of the lines.
    """
    cloth = clothes(surface)
    colour = _fill(surface, cloth)
    if tint is not None:
        colour += (RED - colour) * (0.62 * tint)[:, None]
    canvas = np.empty((*surface.label.shape, 3), np.uint8)
    canvas[surface.ys, surface.xs] = np.clip(colour, 0, 255).astype(np.uint8)
    unit = min(scene.frame.width, scene.frame.height) * finer
    seam, contour = strokes(surface, cloth, unit, (GARMENT, INNER, CONTOUR))
    canvas[seam] = np.clip(np.array(ink) + 96, 0, 255)
    canvas[contour] = ink
    lay(whole, canvas, surface, seam | contour)


def strokes(surface: Surface, cloth: Array, unit: float, widths: tuple[float, float, float]) -> tuple[Array, Array]:
    """Pixels (h, w) of seams, and of inner and outer contours, drawn in three widths (parts of `unit` pixels)."""
    worn = np.zeros(surface.label.shape, np.int8)
    worn[surface.ys, surface.xs] = cloth
    outer, inner, seam = edges(surface, worn)
    inner = swept(inner | outer, widths[1] * unit) & inner
    thin, middle, thick = (max(width * unit, 1.0) for width in widths)
    return thicken(seam, thin), thicken(inner, middle) | thicken(outer, thick)


def lay(whole: Pixels, canvas: Array, surface: Surface, lines: Array) -> None:
    """Puts a figure on the picture, in its window, leaving the ground as it is."""
    from PIL import Image

    mask = Image.fromarray((lines | (surface.label > 0)).astype(np.uint8) * 255)
    whole.paste(Image.fromarray(canvas), (surface.left, surface.top), mask)


def softened(surface: Surface, shade: Array) -> Array:
    """Shade (P,) blurred over the figure, so that no part shows where it meets the next."""
    from PIL import Image, ImageFilter

    radius = max(1.0, 0.011 * max(surface.label.shape))
    plane = np.zeros((2, *surface.label.shape), np.uint8)
    plane[0, surface.ys, surface.xs] = shade * 255
    plane[1, surface.ys, surface.xs] = 255
    blurred = [np.asarray(Image.fromarray(one).filter(ImageFilter.GaussianBlur(radius)), np.float32) for one in plane]
    return np.asarray((blurred[0] / np.maximum(blurred[1], 1.0))[surface.ys, surface.xs])


def _fill(surface: Surface, cloth: Array) -> Array:
    """Paper white, a little darker where the surface turns from the light."""
    light = surface.normal @ (LIGHT / np.linalg.norm(LIGHT))
    shade = softened(surface, np.clip(0.40 - light, 0.0, 1.0)) * 30.0
    base = np.array([PAPER[kind] for kind in range(4)], np.float32)[cloth]
    prop = surface.part >= PROP
    base[prop] = 246.0
    shade[prop] = np.clip(0.75 - light[prop], 0.0, 1.0) * 22.0
    return np.asarray(base - shade[:, None])
