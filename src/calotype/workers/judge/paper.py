"""What judges look at: a picture on white paper. Must not judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels


def on_white(image: Pixels) -> Pixels:
    """RGB; what is transparent shows white paper."""
    from PIL import Image

    if image.mode not in ("LA", "RGBA"):
        return image.convert("RGB")
    paper = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB")
