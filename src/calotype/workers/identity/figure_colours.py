"""What a picture shows before a plain background, by its colours. Must not know what becomes of them.

The background is what the frame shows: paper, a studio's wall, also where it is lighter on one side. It is described by
a surface of the second degree through the frame's colours; what differs from that is the figure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image as Pixels

    Colours = np.ndarray[Any, np.dtype[np.float64]]

SIDE = 256
"""The longer side of what is looked at, in pixels."""
FRAME = 16
"""The frame is as wide as this part of the shorter side."""
SAME = 10.0
"""How far colours of one background are apart at most, in CIELAB (delta E 1976); 2.3 is just seen."""
PLAIN = 0.6
"""The least share of the frame that is background; the figure may touch the rest of it."""
SMALLEST = 0.005
"""The least share of a picture that is a figure."""
_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
"""From the light of sRGB's primaries; each row adds up to its white."""


def figure_colours(picture: Pixels) -> Colours | None:
    """The colours of the figure's pixels in CIELAB, (pixels, 3); None where the background is not plain, or shows
    nothing before it."""
    colours = lab(_small(picture))
    height, width = colours.shape[:2]
    frame = _frame(height, width)
    apart = _distances(colours, _surface(colours, frame))
    if (apart[frame] <= SAME).mean() < PLAIN:
        return None
    figure: Colours = colours[apart > SAME]
    return figure if len(figure) >= SMALLEST * width * height else None


def lab(picture: Pixels) -> Colours:
    """sRGB as CIELAB (D65, 2 degrees): (height, width, 3). ISO/CIE 11664-4."""
    import numpy as np

    samples = np.asarray(picture, dtype=np.float64) / 255
    light = np.where(samples <= 0.04045, samples / 12.92, ((samples + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(_TO_XYZ)
    ratio = light @ (to_xyz / to_xyz.sum(axis=1, keepdims=True)).T
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _small(picture: Pixels) -> Pixels:
    from PIL import Image

    scale = min(1.0, SIDE / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BOX)


def _frame(height: int, width: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    import numpy as np

    margin = max(1, min(height, width) // FRAME)
    frame = np.ones((height, width), dtype=bool)
    frame[margin:-margin, margin:-margin] = False
    return frame


def _surface(colours: Colours, frame: np.ndarray[Any, np.dtype[np.bool_]]) -> Colours:
    """The background's colours everywhere, by the frame's: least squares, twice over, the second time without what
    differs from the frame's median."""
    import numpy as np

    height, width = frame.shape
    down, across = (axis.ravel() for axis in np.mgrid[-1:1:height * 1j, -1:1:width * 1j])
    terms = np.stack([np.ones_like(down), down, across, down * across, down**2, across**2], axis=1)
    flat, used = colours.reshape(-1, 3), frame.ravel()
    surface = np.broadcast_to(np.median(flat[used], axis=0), flat.shape)
    for within in (3 * SAME, SAME):
        near = used & (np.linalg.norm(flat - surface, axis=1) <= within)
        if near.sum() < terms.shape[1]:
            break
        surface = terms @ np.linalg.lstsq(terms[near], flat[near], rcond=None)[0]
    whole: Colours = surface.reshape(colours.shape)
    return whole


def _distances(these: Colours, those: Colours) -> Colours:
    import numpy as np

    distances: Colours = np.linalg.norm(these - those, axis=-1)
    return distances
