"""The folder that a LoRA is trained on: pictures, each with its caption beside it. Must not know the model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from calotype.ground.digest import canonical_json, sha256
from calotype.ground.files import read_file
from calotype.ground.images import as_input, digest_of, fitted, open_image
from calotype.ground.light_dataclass import dataclass
from calotype.workers.render.diffusers.errors import Refused

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".avif")
SIDE = 64
"""Sides of a training picture are multiples of it, as those of SDXL's own training were."""
_LONGEST_CAPTION = 64 * 1024


@dataclass(frozen=True, slots=True)
class TrainingPicture:
    """A picture as the model is shown it: `pixels` in RGB, scaled from `original` (width, height)."""

    name: str
    pixels: Pixels
    original: tuple[int, int]
    digest: str
    caption: str


def read_pictures(folder: Path, resolution: int) -> list[TrainingPicture]:
    """The pictures of `folder` by their names, each scaled to about `resolution` squared pixels.

    Raises Refused where there are none or a caption is missing or no text, Problem for a picture that cannot be read.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError as failure:
        raise Refused(f"the training pictures cannot be read: {failure.strerror}", "export the set again") from failure
    if not paths:
        raise Refused(f"there are no pictures in `{folder.name}` to train on", "export the set first")
    return [_picture(path, resolution) for path in paths]


def digest_of_set(pictures: list[TrainingPicture]) -> str:
    """SHA-256 of all that is learnt: pixels and captions, in their order."""
    return sha256(canonical_json([[picture.digest, picture.caption] for picture in pictures]))


def scaled_size(width: int, height: int, resolution: int) -> tuple[int, int]:
    """The size nearest to that shape with about `resolution` squared pixels, its sides multiples of SIDE."""
    scale = resolution / (width * height) ** 0.5
    return max(SIDE, round(width * scale / SIDE) * SIDE), max(SIDE, round(height * scale / SIDE) * SIDE)


def _picture(path: Path, resolution: int) -> TrainingPicture:
    caption = _caption(path.with_suffix(".txt"))
    picture = open_image(path)
    digest, pixels = digest_of(picture), as_input(picture)
    scaled = fitted(pixels, scaled_size(*pixels.size, resolution))
    return TrainingPicture(path.name, scaled, pixels.size, digest, caption)


def _caption(path: Path) -> str:
    try:
        data, _ = read_file(path, _LONGEST_CAPTION)
        text = data.decode()
    except (OSError, UnicodeDecodeError) as failure:
        reason = failure.strerror if isinstance(failure, OSError) else "it is no UTF-8"
        raise Refused(f"the caption `{path.name}` cannot be read: {reason}", "export the set again") from failure
    return " ".join(text.split())
