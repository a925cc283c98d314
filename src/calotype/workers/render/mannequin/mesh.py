"""The training-set figure: an orange mannequin with a wireframe grid, olive shorts, grey trainers, on cream.

Must not know geometry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calotype.language.pose.figure import top_worn
from calotype.workers.render.mannequin import line_art
from calotype.workers.render.mannequin.body import PARTS
from calotype.workers.render.mannequin.scene import PROP, Scene, Surface
from calotype.workers.render.mannequin.surface import features
from calotype.workers.render.mannequin.surface.wardrobe import CLOTH, SHOE, SKIN, SOLE, clothes

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

Array = NDArray[Any]

CREAM = (250, 241, 222)
PAPER: dict[int, tuple[int, int, int]] = {
    SKIN: (240, 138, 52), CLOTH: (110, 116, 62), SHOE: (146, 150, 156), SOLE: (250, 250, 248)
}
GRID = np.array([150, 72, 18], np.float32)
TONES = np.array([[196, 40, 36], [150, 30, 96]], np.float32)
MATERIALS = {
    "wood": (196, 160, 116), "steel": (120, 126, 134), "plaster": (226, 216, 198), "ceramic": (252, 252, 250),
    "vinyl": (166, 190, 200), "ball": (92, 138, 186), "foam": (84, 96, 116), "linen": (206, 222, 238),
    "terry": (164, 200, 204), "rubber": (32, 144, 128), "webbing": (58, 76, 120), "cuff": (62, 74, 104),
}
RING = 0.0165
"""Of stature: between two rings of the grid."""
MERIDIANS = {"trunk": 28, "head": 20, "leg": 18, "foot": 14, "arm": 14, "hand": 12}
"""Lines of the grid along each part; fingers carry none."""
GRID_WIDTH, LINE_WIDTH = 0.0017, 0.0026
LINE = (96.0, 44.0, 14.0)
"""Of the fine lines that tell front from back."""
EYES = features.Oval("head", features.FRONT, (0.056, 0.407), (0.020, 0.0125))


def paint(
    whole: Pixels, scene: Scene, surface: Surface, finer: int, tint: Array | None, ink: tuple[int, int, int]
) -> None:
    """Draws on a picture at `finer` times the scene's resolution, as `line_art.paint` does."""
    cloth = clothes(surface, top=top_worn(scene.posture))
    unit = min(scene.frame.width, scene.frame.height) * finer
    seam, contour = line_art.strokes(surface, cloth, unit, (0.0018, 0.0026, 0.0028))
    light = surface.facing(line_art.LIGHT) * 0.5 + 0.5
    shade = np.where(surface.part < PROP, line_art.softened(surface, light), light)
    canvas = np.empty((*surface.label.shape, 3), np.uint8)
    for run in surface.runs():
        piece = surface.cut(run)
        colour = _fill(scene, piece, cloth[run], shade[run])
        if tint is not None:
            for column, tone in enumerate(TONES):
                colour += (tone - colour) * (0.6 * tint[run, column, None])
        wires = _grid(piece, cloth[run], max(GRID_WIDTH * unit, 0.8))
        colour += (GRID - colour) * (0.62 * wires)[:, None]
        fine, dark = features.marks(piece, LINE_WIDTH * unit, False, (EYES,))
        colour[fine], colour[dark] = LINE, (18.0, 16.0, 14.0)
        canvas[piece.ys, piece.xs] = np.clip(colour, 0, 255, out=colour).astype(np.uint8)
    canvas[seam | contour] = np.array([70, 34, 12]) + np.array(ink)
    line_art.lay(whole, canvas, surface, seam | contour)


def _fill(scene: Scene, surface: Surface, cloth: Array, shade: Array) -> Array:
    base = np.array([PAPER[kind] for kind in range(4)], np.float32)[cloth]
    props = surface.part >= PROP
    if props.any():
        made_of = np.array([MATERIALS[solid.material] for solid in scene.solids], np.float32)
        base[props] = made_of[(surface.part[props] - PROP) // 8]
    base *= (0.70 + 0.36 * shade)[:, None]
    return base


def _grid(surface: Surface, cloth: Array, width: float) -> Array:
    """How much of a wire covers each pixel (P,)."""
    lines = np.zeros(len(PARTS) + 1, np.float32)
    for index, name in enumerate(PARTS):
        lines[index + 1] = MERIDIANS.get(name.split("_")[-1], 0)
    part = np.where(surface.part < PROP, surface.part, 0)
    count = lines[part]
    along = _near(surface.v / RING) * RING / np.maximum(surface.spread[:, 1], 1e-7)[surface.which]
    around = _near(surface.u * count) / np.maximum(count * surface.spread[surface.which, 0], 1e-7)
    wire = np.maximum(np.clip(width / 2 - along + 0.5, 0, 1), np.clip(width / 2 - around + 0.5, 0, 1))
    return np.asarray(np.where((cloth == SKIN) & (count > 0), wire, 0.0))


def _near(value: Array) -> Array:
    """How far from the nearest whole number."""
    return np.asarray(np.abs(value - np.round(value)))
