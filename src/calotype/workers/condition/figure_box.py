"""Where the figure stands in a picture: the box round all that is not its backdrop. Must not know what a figure is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from calotype.ground.images import as_input

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels, as COCO has it."""

MARGIN = 16
"""The border is a frame as wide as this part of the shorter side."""
APART = 16
"""Levels of 255, in the channel that differs most, from which on a pixel is no backdrop."""
PLAIN = 0.8
"""The share of the border that must be backdrop, else it is no plain one and nothing is told from it."""
CELL = 4
"""Pixels of a side that are averaged first, so that a speck is no figure and a line is."""


def figure_box(picture: Pixels) -> Box:
    """The box of what stands before a plain backdrop, its colour the median of the border; else the whole picture."""
    import numpy as np

    whole = (0.0, 0.0, float(picture.width), float(picture.height))
    cells = np.asarray(as_input(picture).reduce(CELL), np.int16)
    rows, columns = cells.shape[:2]
    margin = max(1, min(rows, columns) // MARGIN)
    border = np.ones((rows, columns), bool)
    border[margin:-margin, margin:-margin] = False
    apart = np.abs(cells - np.median(cells[border], axis=0)).max(axis=2) > APART
    if apart[border].mean() > 1 - PLAIN or not apart.any():
        return whole
    down, across = np.nonzero(apart.any(axis=1))[0], np.nonzero(apart.any(axis=0))[0]
    left, top = float(across[0] * CELL), float(down[0] * CELL)
    right, bottom = min((across[-1] + 1) * CELL, picture.width), min((down[-1] + 1) * CELL, picture.height)
    return left, top, float(right) - left, float(bottom) - top
