"""A figure's ghost among the props: one chair for both, and what it stands before, though it is painted first.

Must not know colours.
"""

from __future__ import annotations

import numpy as np

from calotype.ground.light_dataclass import replace
from calotype.language.pose.stance import contacts
from calotype.workers.render.mannequin.props import anchors_of, props
from calotype.workers.render.mannequin.props.solids import Array
from calotype.workers.render.mannequin.scene import PROP, Figure, Surface

STANDS = ("chair", "stool", "bench", "bed", "table", "step", "wall", "doorway", "mat")
"""Props that stay where they stand while a body moves."""


def one_of_each(main: Figure, ghost: Figure) -> tuple[Figure, Figure]:
    """A figure and its ghost with one chair for both, one wall, one anchor: that of the figure, unless the ghost alone
    touches it.

    What the ghost alone sits on, the figure has left: it stands where the ghost sits. A ball at a wall stays there.
    """
    anchors = anchors_of(main.posture, main.skeleton)
    if anchors:
        ghost = replace(ghost, solids=props(ghost.posture, ghost.skeleton, anchors))
    names = {solid.prop for solid in main.solids}
    both = names & {solid.prop for solid in ghost.solids} & {*STANDS, *(("ball",) if "wall" in names else ())}
    ghosts = both & set(contacts(ghost.posture).values()) - set(contacts(main.posture).values())
    stays = [solid for solid in ghost.solids if solid.prop in ghosts]
    return (
        replace(main, solids=[*(solid for solid in main.solids if solid.prop not in ghosts), *stays]),
        replace(ghost, solids=[solid for solid in ghost.solids if solid.prop not in both]),
    )


def before_props(surface: Surface, ghost: Surface, reach: int) -> Array:
    """Pixels (h, w) of the figure's window where the ghost's body lies before a prop: the ghost stays there.

    `reach` is how many pixels a line is wide on each side of where it runs; those of the figure itself are left out.
    """
    near = _moved(np.where((ghost.label > 0) & (ghost.label < PROP), ghost.depth, np.inf), ghost, surface)
    with np.errstate(invalid="ignore"):
        hides = (surface.label >= PROP) & (near < surface.depth)
    if not hides.any():
        return hides
    body = (surface.label > 0) & (surface.label < PROP)
    edges = _grown(hides, reach) & (surface.label == 0) & np.isfinite(near)
    return np.asarray((hides | edges) & ~_grown(body, reach))


def _moved(plane: Array, ghost: Surface, surface: Surface) -> Array:
    """A plane of the ghost's window, in the figure's: infinite beyond it."""
    height, width = surface.label.shape
    moved = np.full((height, width), np.inf, np.float32)
    down, right = ghost.top - surface.top, ghost.left - surface.left
    top, low = max(down, 0), min(down + len(plane), height)
    left, beyond = max(right, 0), min(right + len(plane[0]), width)
    if top < low and left < beyond:
        moved[top:low, left:beyond] = plane[top - down:low - down, left - right:beyond - right]
    return moved


def _grown(mask: Array, reach: int) -> Array:
    from PIL import Image, ImageFilter

    blurred = Image.fromarray(mask.astype(np.uint8) * 255).filter(ImageFilter.BoxBlur(reach))
    return np.asarray(blurred) > 0
