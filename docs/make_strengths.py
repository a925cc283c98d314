"""Draws the pictures of docs/from-the-guides.md that show what a strength leaves of a base picture.

They are no results of a model. An image-to-image rendering does not begin with the base picture, but with that picture
under noise: at strength s with the noise of the step s * 1000 of the thousand that SDXL was trained on. These are
just that, in colours rather than in latents, and at the size of latents: an eighth. Run it from the repository.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

REPOSITORY = Path(__file__).parent.parent
BASE = REPOSITORY / "content/images/characters/mannequin/anchors/quarter.png"
PICTURES = REPOSITORY / "docs/pictures"
STRENGTHS = (0.3, 0.5, 0.7, 0.9)
LATENT, SHOWN = 128, 256


def left(strength: float) -> float:
    """The share of the base picture's signal in what a rendering at `strength` begins with, 0 to 1: the square root of
    the product of (1 - beta) up to that step, with SDXL's scaled linear betas from 0.00085 to 0.012."""
    betas = np.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
    return float(np.sqrt(np.cumprod(1 - betas)[round(strength * 1000) - 1]))


def begun(picture: Image.Image, strength: float) -> Image.Image:
    """What a rendering of `picture` at `strength` begins with, as a small picture in colours."""
    small = np.asarray(picture.convert("RGB").resize((LATENT, LATENT), Image.Resampling.LANCZOS), dtype=np.float64)
    signal = (small - small.mean(axis=(0, 1))) / small.std()
    noise = np.random.default_rng(42).standard_normal(signal.shape)
    mixed = left(strength) * signal + (1 - left(strength) ** 2) ** 0.5 * noise
    samples = np.clip(mixed * small.std() + small.mean(axis=(0, 1)), 0, 255).round().astype(np.uint8)
    return Image.fromarray(samples).resize((SHOWN, SHOWN), Image.Resampling.NEAREST)


def main() -> None:
    with Image.open(BASE) as picture:
        for strength in STRENGTHS:
            begun(picture, strength).save(PICTURES / f"strength-{round(strength * 100)}.png", optimize=True)
            print(f"{strength}: {left(strength):.0%} of the picture, {(1 - left(strength) ** 2) ** 0.5:.0%} of noise")


if __name__ == "__main__":
    main()
