"""Medical line art: an even black contour on white, minimal shading, muscles tinted. Must not know geometry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calotype.language.pose.figure import hair, top_worn
from calotype.workers.render.mannequin.body import LIMB, PARTS
from calotype.workers.render.mannequin.scene import PROP, Scene, Surface
from calotype.workers.render.mannequin.surface import features
from calotype.workers.render.mannequin.surface.wardrobe import clothes

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

Array = NDArray[Any]

CONTOUR, INNER, GARMENT, FEATURE = 0.0036, 0.0028, 0.0022, 0.0019
"""Widths of lines, as parts of the picture's shorter side."""
SMALL = 160
"""Pixels: a window smaller than this has neither seams of shade nor crumbs of line to be rid of."""
STEP = 0.011
"""Metres: a nearer surface must stand this far before the next for a line between them."""
TONES = np.array([[206, 74, 62], [226, 140, 60]], np.float32)
"""Of the muscles that are shown, in turn."""
KIN_STEP = 0.022
"""The same where one part grows out of another."""
LIGHT = np.array([-0.35, 0.75, 0.56], np.float32) / np.float32(0.9993)
"""Where the light comes from, in the camera's frame: above, a little from the left."""
PAPERS = np.array(
    [(255, 255, 255), (226, 230, 235), (242, 243, 245), (255, 255, 255), (150, 155, 163)], np.float32)
"""The tone of skin, cloth, shoe, sole and hair, in the order of the wardrobe."""
DARKER = {"rubber": 72.0, "webbing": 104.0, "cuff": 64.0, "foam": 40.0}
"""How much darker than other props those of a material are: bands and straps would be lost between their lines."""
GROWN = (("trunk", "head"), ("trunk", "leg"), ("trunk", "arm"), ("leg", "foot"), ("arm", "hand"), ("hand", "thumb"),
         *(("hand", finger) for finger in LIMB[4:8]))
"""Parts that grow into one another: no line where they do."""
FINGERS = [PARTS.index(f"{side}_{finger}") + 1 for side in ("left", "right") for finger in LIMB[4:8]]


def _kin_table() -> Array:
    table = np.zeros((PROP, PROP), bool)
    for side in ("left", "right"):
        for pair in GROWN:
            a, b = (PARTS.index(part if part in PARTS else f"{side}_{part}") + 1 for part in pair)
            table[a, b] = table[b, a] = True
    return table


KIN = _kin_table()
IS_FINGER = (np.arange(PROP + 1)[:, None] == np.asarray(FINGERS)).any(axis=1)  # np.isin would import numpy.ma


def edges(surface: Surface, cloth: Array) -> tuple[Array, Array, Array]:
    """Pixels (h, w) on a contour against the ground, on an inner contour, and on a seam of clothes or of a prop.

    Only neighbours whose part, clothes or depth differ are looked at: a few thousand of them.
    """
    masks = tuple(np.zeros(surface.label.shape, bool) for _ in range(3))
    width = surface.label.shape[1]
    label, depth, worn = surface.label.ravel(), surface.depth.ravel(), cloth.ravel()
    kind = surface.label * np.int16(8) + cloth.astype(np.int16)
    with np.errstate(invalid="ignore"):
        for stride in (width, 1):
            here = _candidates(surface, kind, stride)
            for mask, chosen in zip(masks, _judge(label, depth, worn, here, stride), strict=True):
                mask.ravel()[here[chosen]] = True
    return masks[0], masks[1], masks[2]


def _candidates(surface: Surface, kind: Array, stride: int) -> Array:
    """Flat pixels whose neighbour `stride` further is of another kind, or at another depth."""
    down = stride > 1
    step = np.diff(surface.depth, axis=0 if down else 1)
    np.abs(step, out=step)
    changed = step > STEP
    changed |= (kind[1:] != kind[:-1]) if down else (kind[:, 1:] != kind[:, :-1])
    rows, columns = np.nonzero(changed)
    return np.asarray(rows * surface.label.shape[1] + columns)


def _judge(label: Array, depth: Array, worn: Array, at: Array, stride: int) -> tuple[Array, Array, Array]:
    """Of the flat pixels `at` and their neighbours `stride` further: ground, inner contour, seam."""
    here, beyond = label[at], label[at + stride]
    both = (here > 0) & (beyond > 0)
    ground = ~both & (here != beyond)
    body = both & (here < PROP) & (beyond < PROP)
    differ = both & (here != beyond)
    finger = differ & _fingers(here, beyond)
    grown = body & KIN[np.minimum(here, PROP - 1), np.minimum(beyond, PROP - 1)]
    stranger = differ & ~grown & ~finger
    crease = stranger & (here >= PROP) & (beyond >= PROP) & ((here - PROP) // 8 == (beyond - PROP) // 8)
    sewn = body & (worn[at] != worn[at + stride])
    # the faces of one piece meet in an edge: a steep one may fall from pixel to pixel, but never breaks off there
    jump = both & ~crease & _breaks(label, depth, at, stride, np.where(grown & differ, KIN_STEP, STEP))
    return ground, (stranger & ~crease) | jump, crease | sewn | finger


def _fingers(here: Array, beyond: Array) -> Array:
    """Finger beside finger of one hand: a fine line between them."""
    same = (here - FINGERS[0]) // len(LIMB) == (beyond - FINGERS[0]) // len(LIMB)
    return np.asarray(IS_FINGER[np.minimum(here, PROP)] & IS_FINGER[np.minimum(beyond, PROP)] & same)


def _breaks(label: Array, depth: Array, at: Array, stride: int, least: Array) -> Array:
    """Where depth breaks off: neither side, carried on at its own slope, meets the other."""
    step = depth[at + stride] - depth[at]
    before, after = np.maximum(at - stride, 0), np.minimum(at + 2 * stride, len(depth) - 1)
    left = np.where(label[before] == label[at], depth[at] - depth[before], 0.0)
    right = np.where(label[after] == label[at + stride], depth[after] - depth[at + stride], 0.0)
    gap = np.minimum(np.abs(step - left), np.abs(step - right))
    return np.asarray((gap > least) & (np.abs(step) > least) & np.isfinite(step))


def swept(mask: Array, width: float) -> Array:
    """The mask without crumbs: bits of line that are not much longer than they are wide."""
    if max(mask.shape) < SMALL:
        return mask
    from PIL import Image, ImageFilter

    reach = max(2, round(width * 4))
    density = np.asarray(Image.fromarray(mask.astype(np.uint8) * 255).filter(ImageFilter.BoxBlur(reach)))
    # a line that ends in the middle of the window still covers `reach` of its pixels; a crumb far fewer
    enough = 255 * (0.9 * reach) / (2 * reach + 1) ** 2
    return np.asarray(mask & (density >= enough))


def thicken(mask: Array, width: float) -> Array:
    """The mask grown to lines `width` pixels wide: a disc is stamped on each of its pixels."""
    radius = max(width / 2, 0.5)
    reach = int(np.floor(radius))
    height, across = mask.shape
    ys, xs = np.nonzero(mask)
    grown = np.zeros((height + 2 * reach, across + 2 * reach), bool)
    at = (ys + reach) * (across + 2 * reach) + xs + reach
    flat = grown.ravel()
    for dy in range(-reach, reach + 1):
        half = int(np.floor(np.sqrt(max(radius * radius - dy * dy, 0.0))))
        for dx in range(-half, half + 1):
            flat[at + (dy * (across + 2 * reach) + dx)] = True
    return grown[reach : reach + height, reach : reach + across]


def paint(
    whole: Pixels, scene: Scene, surface: Surface, finer: int, tint: Array | None, ink: tuple[int, int, int]
) -> None:
    """Draws on a picture at `finer` times the scene's resolution.

    `tint` (P, 2) is how much of the shown muscles each covered pixel carries; `ink` the colour of the lines.
    """
    cloth = clothes(surface, hair(scene.posture) != "none", top_worn(scene.posture))
    unit = min(scene.frame.width, scene.frame.height) * finer
    seam, contour = strokes(surface, cloth, unit, (GARMENT, INNER, CONTOUR))
    light = surface.facing(LIGHT)
    # the tones are drawn minimal: a tenth of the way to black at most
    soft = softened(surface, np.clip(0.40 - light, 0.0, 1.0)) * 30.0
    shade = np.where(surface.part < PROP, soft, 9.0 + np.clip(0.75 - light, 0.0, 1.0) * 22.0 + darker(scene, surface))
    canvas = np.empty((*surface.label.shape, 3), np.uint8)
    for run in surface.runs():
        colour = PAPERS[cloth[run]] - shade[run, None]
        if tint is not None:
            for column, tone in enumerate(TONES):
                colour += (tone - colour) * (0.62 * tint[run, column, None])
        canvas[surface.ys[run], surface.xs[run]] = np.clip(colour, 0, 255, out=colour).astype(np.uint8)
    fine, dark = marks(surface, unit)
    canvas[surface.ys[fine], surface.xs[fine]] = np.clip(np.array(ink) + 110, 0, 255)
    canvas[surface.ys[dark], surface.xs[dark]] = np.array(ink) + 20
    canvas[seam] = np.clip(np.array(ink) + 96, 0, 255)
    canvas[contour] = ink
    lay(whole, canvas, surface, seam | contour)


def darker(scene: Scene, surface: Surface) -> Array:
    """How much darker each covered pixel (P,) is for the material of its prop."""
    tones = np.array([DARKER.get(solid.material, 0.0) for solid in scene.solids] or [0.0], np.float32)
    return np.asarray(tones[np.maximum(surface.part - PROP, 0) // 8] * (surface.part >= PROP))


def marks(surface: Surface, unit: float) -> tuple[Array, Array]:
    """Covered pixels (P,) of the fine lines, and of the dark places, that tell front from back."""
    return features.marks(surface, FEATURE * unit, True, (features.EYES, features.NAVEL))


def strokes(surface: Surface, cloth: Array, unit: float, widths: tuple[float, float, float]) -> tuple[Array, Array]:
    """Pixels (h, w) of seams, and of inner and outer contours, drawn in three widths (parts of `unit` pixels)."""
    worn = np.zeros(surface.label.shape, np.int16)
    worn[surface.ys, surface.xs] = cloth
    outer, inner, seam = edges(surface, worn)
    inner = swept(inner | outer, widths[1] * unit) & inner
    seam = swept(seam, widths[0] * unit)
    thin, middle, thick = (max(width * unit, 1.0) for width in widths)
    return thicken(seam, thin), thicken(inner, middle) | thicken(outer, thick)


def reach(scene: Scene, finer: int) -> int:
    """Pixels that a line covers on each side of where it runs, at `finer` times the scene's resolution."""
    return 1 + round(CONTOUR * min(scene.frame.width, scene.frame.height) * finer / 2)


def lay(whole: Pixels, canvas: Array, surface: Surface, lines: Array) -> None:
    """Puts a figure on the picture, in its window, leaving the ground as it is."""
    from PIL import Image

    mask = Image.fromarray((lines | (surface.label > 0)).astype(np.uint8) * 255)
    whole.paste(Image.fromarray(canvas), (surface.left, surface.top), mask)


def softened(surface: Surface, shade: Array) -> Array:
    """Shade (P,) blurred over the figure, so that no part shows where it meets the next."""
    height, width = surface.label.shape
    if max(height, width) < SMALL:
        return shade
    from PIL import Image, ImageFilter

    coarse = max(1, min(height, width) // 160)
    blur = ImageFilter.GaussianBlur(max(1.0, 0.011 * max(height, width) / coarse))
    plane = np.zeros((height, width), np.uint8)
    blurred = []
    for values in (shade * 255, 255):
        plane[surface.ys, surface.xs] = values
        small = Image.fromarray(plane).reduce(coarse).filter(blur)
        blurred.append(np.asarray(small.resize((width, height), Image.Resampling.BILINEAR))[surface.ys, surface.xs])
    return np.asarray(blurred[0] / np.maximum(blurred[1], 1).astype(np.float32))
