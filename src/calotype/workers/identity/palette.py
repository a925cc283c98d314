"""Figures without a face by their colours: what a picture shows before its background, as a histogram in CIELAB.

Two histograms are compared by what they have in common (Swain and Ballard, "Color Indexing", IJCV 7(1), 1991). Each
pixel counts for the bins around its colour by how near it is to them, so that a small change of light is a small change
of the histogram. Colours have no place in it: a figure is the same in any pose, and from any side.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.workers.identity.figure_colours import figure_colours
from calotype.workers.identity.method import Method
from calotype.workers.identity.space import Intersections
from calotype.workers.protocol import Lane

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Pixels

BINS = (6, 12, 12)
"""Of lightness, green to red, and blue to yellow."""
LOWEST, HIGHEST = (0.0, -96.0, -96.0), (100.0, 96.0, 96.0)
"""The colours of the outermost bins. Lightness has wide ones: light and shade are no change of the figure."""


class Palette(Method):
    """`similarity` is the intersection of two histograms, 0 to 1. It needs no model."""

    name = "palette"
    lane: Lane = "cpu"
    space = Intersections()
    unseen = "no figure is found before a plain background"
    seconds = 0.05

    def width(self, model: Path | None, digest: str) -> int:
        return BINS[0] * BINS[1] * BINS[2]

    def look(self, picture: Pixels, model: Path | None, digest: str) -> Any:
        """One histogram; none of a picture without a plain background, or with nothing before it."""
        import numpy as np

        colours = figure_colours(picture)
        return np.empty((0, self.width(None, ""))) if colours is None else histogram(colours)[None]


def histogram(colours: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The share of each bin, (bins,), of CIELAB colours, (pixels, 3)."""
    import numpy as np

    bins = np.array(BINS)
    low, high = np.array(LOWEST), np.array(HIGHEST)
    places = np.clip((colours - low) / (high - low), 0, 1) * (bins - 1)
    floor = np.minimum(np.floor(places).astype(int), bins - 2)
    above = places - floor
    shares = np.zeros(int(bins.prod()))
    for corner in np.ndindex(2, 2, 2):
        weights = np.where(np.array(corner) == 1, above, 1 - above).prod(axis=1)
        index = np.ravel_multi_index(tuple((floor + corner).T), BINS)
        shares += np.bincount(index, weights, minlength=shares.size)
    normal: np.ndarray[Any, np.dtype[np.float64]] = shares / shares.sum()
    return normal
