"""The soft shadow under the figure. Must not know its drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from calotype.workers.render.mannequin.scene import Scene

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

REACH = 0.30
"""Metres: what is higher casts none."""
WORKED = 200
"""Pixels across in which the shadow is worked out: it is soft."""


def shadow(image: Pixels, scene: Scene, finer: int, strength: float) -> None:
    """Darkens the ground under what is low, on a picture at `finer` times the scene's resolution."""
    from PIL import Image, ImageFilter

    if scene.camera.rotation[2][1] < 0:
        return  # seen from below
    points = np.concatenate([scene.mesh.vertices, *(solid.vertices for solid in scene.solids)])
    low = points[points[:, 1] < REACH]
    if not len(low):
        return
    weight = 1 - np.clip(low[:, 1], 0, REACH) / REACH
    flat = low * (1.0, 0.0, 1.0)
    coarse = max(1, min(image.size) // WORKED)
    size = (-(-image.width // coarse), -(-image.height // coarse))
    spots = (scene.pixels(flat)[:, :2] * finer / coarse).astype(int)
    inside = ((spots >= 0) & (spots < size)).all(axis=1)
    plane = np.zeros((size[1], size[0]), np.float32)
    np.maximum.at(plane, (spots[inside, 1], spots[inside, 0]), weight[inside].astype(np.float32))
    blur = 0.012 * min(size)
    mask = Image.fromarray((plane * 255).astype(np.uint8)).filter(ImageFilter.MaxFilter(3))
    mask = mask.filter(ImageFilter.GaussianBlur(blur)).point(lambda value: min(255, int(value * strength)))
    tone = Image.new("RGB", image.size, (60, 58, 64))
    image.paste(tone, (0, 0), mask.resize(image.size, Image.Resampling.BILINEAR))
