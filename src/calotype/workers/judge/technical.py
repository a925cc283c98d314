"""Sharpness, exposure, a clean background and a whole figure: what makes a picture usable. Must not know what it shows.

All is counted in integers on 8-bit samples by Pillow alone, so that a score is the same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from calotype.workers.judge.paper import on_white
from calotype.workers.judge.perceptual_hash import perceptual_hash
from calotype.workers.protocol import Cancel, Estimate, Inputs, Request, Scored, open_input

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

    from calotype.language.image import Image

WEIGHTS = {"sharpness": 0.35, "exposure": 0.25, "background": 0.2, "whole": 0.2}
"""Of the parts; those that a picture has no say in are left out, and the others count for them."""

HALF_SHARP = 100.0
"""The variance of the Laplacian that scores 50: the usual line between a blurred and a sharp photograph."""
MARGIN = 16
"""The border is a frame as wide as this part of the shorter side."""
SAME, OTHER = 8, 16
"""Levels of 255, in the channel that differs most: up to SAME is background, beyond OTHER is the subject."""
BLACK, WHITE = 4, 251
"""Levels up to BLACK, and from WHITE on, hold no drawing any more."""
TOUCH, CUT = 1 / 64, 1 / 8
"""Of the shorter side: how far along the edges a figure may reach them, and from where on it is cut badly."""
EVEN = 50.0
"""The `background` below which nothing tells a figure at the edge from what is behind it."""
SHOWS_NOTHING = "shows nothing: all of one colour"


class Technical:
    """The first score of every candidate. It needs no model and reads its pixels alone."""

    name = "technical"
    epoch = 2
    gates = True

    def request(self, image: Image, pixels: str) -> Request:
        """Of the image it reads whether that is a close-up, which is meant to be cut by the edges."""
        request: Request = {"scorer": self.name, "epoch": self.epoch, "pixels": pixels}
        return {**request, "close_up": True} if image.view == "close-up" else request

    def affinity(self, request: Request) -> tuple[str, ...]:
        return (self.name,)

    def estimate(self, request: Request) -> Estimate:
        return Estimate(seconds=0.02)

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Scored]:
        for index, request in enumerate(batch):
            if cancel():
                return
            yield score(open_input(inputs, request["pixels"]), index, request.get("close_up", False))


def score(image: Pixels, index: int = 0, close_up: bool = False) -> Scored:
    """The weighted mean (WEIGHTS) of `sharpness`, `exposure`, `background` and `whole`, each rounded to three decimals.

    `whole` is left out of a close-up, and where the background is less than EVEN. A picture of one colour, as a decoder
    gives that failed (NaN comes out black), shows nothing and must not stand: all but its background is 0. The facts
    hold its `perceptual_hash`.
    """
    picture = on_white(image)
    luma = picture.convert("L")
    frame = _frame(picture.size)
    distance = _distance(picture, _border_colour(picture, frame))
    subject = distance.point(_SUBJECT)
    parts = {
        "sharpness": sharpness(luma),
        "exposure": exposure(luma.histogram(subject)),
        "background": background(distance.histogram(frame)),
    }
    blank = not any(distance.histogram()[SAME + 1 :])
    if blank:
        parts |= {"sharpness": 0.0, "exposure": 0.0, "whole": 0.0}
    elif not close_up and parts["background"] >= EVEN:
        parts["whole"] = whole(subject)
    total = sum(WEIGHTS[name] * value for name, value in parts.items()) / sum(WEIGHTS[name] for name in parts)
    rounded = {name: round(value, 3) for name, value in parts.items()}
    facts = {"perceptual_hash": perceptual_hash(picture)}
    return Scored(index, round(total, 3), rounded, facts, SHOWS_NOTHING if blank else "")


def sharpness(luma: Pixels) -> float:
    """100 v / (v + HALF_SHARP), where v is the variance of the Laplacian of the luma.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", ICPR 2000, with the four-neighbour
    kernel. The response is clipped to -128..127, which only the hardest edges reach.
    """
    from PIL import ImageFilter

    if min(luma.size) < 3:
        return 0.0
    kernel = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    response = luma.filter(kernel).crop((1, 1, luma.width - 1, luma.height - 1))
    variance = _variance(response.histogram())
    return 100 * variance / (variance + HALF_SHARP)


def exposure(histogram: Sequence[int]) -> float:
    """100 (1 - clipped) m of the subject's luma: m is its mean well-exposedness, `clipped` its clipped share.

    Well-exposedness is exp(-(i - 0.5)^2 / (2 * 0.2^2)) for a level i in 0..1: Mertens, Kautz, Van Reeth,
    "Exposure Fusion", Pacific Graphics 2007. `histogram` counts the 256 levels of the pixels that are not
    background: white paper is no overexposure. Nothing there scores 0.
    """
    count = sum(histogram)
    if not count:
        return 0.0
    clipped = sum(histogram[: BLACK + 1]) + sum(histogram[WHITE:])
    mean = sum(number * weight for number, weight in zip(histogram, _WELL_EXPOSED, strict=True)) / count
    return 100 * (1 - clipped / count) * mean


def background(histogram: Sequence[int]) -> float:
    """The share, 0-100, of the frame's pixels within SAME levels of its median colour.

    `histogram` counts the frame's pixels by their distance from that colour.
    """
    return 100 * sum(histogram[: SAME + 1]) / sum(histogram)


def whole(subject: Pixels) -> float:
    """100 where the figure lies inside the picture, falling to 0 as the edges cut it: linear in how much of them lies
    between its first and its last pixel there, from TOUCH to CUT of the shorter side, all four edges together.

    `subject` is its mask. An outline that is cut meets the edge in two points, and between them is the figure: so it is
    the extent that counts. What reaches a corner is ground or a wall, no figure.
    """
    width, height = subject.size
    edges = ((0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height))
    extent = sum(_extent(subject.crop(edge).tobytes()) for edge in edges)
    short = min(width, height)
    return 100 * (1 - min(1.0, max(0.0, (extent / short - TOUCH) / (CUT - TOUCH))))


def _extent(edge: bytes) -> int:
    """How far it is from the first pixel that is not 0 to the last, without those that start at an end of the edge."""
    inside = edge.lstrip(b"\xff").rstrip(b"\xff").strip(b"\0")
    return len(inside)


def _frame(size: tuple[int, int]) -> Pixels:
    """A mask of the border: 255 within 1/MARGIN of the shorter side from an edge."""
    from PIL import Image

    margin = max(1, min(size) // MARGIN)
    mask = Image.new("L", size, 255)
    if min(size) > 2 * margin:
        mask.paste(0, (margin, margin, size[0] - margin, size[1] - margin))
    return mask


def _border_colour(picture: Pixels, frame: Pixels) -> tuple[int, ...]:
    """The median of each channel over the frame."""
    histogram = picture.histogram(frame)
    return tuple(_median(histogram[at : at + 256]) for at in (0, 256, 512))


def _distance(picture: Pixels, colour: tuple[int, ...]) -> Pixels:
    """How far each pixel is from `colour`, in the channel that differs most."""
    from PIL import Image, ImageChops

    red, green, blue = ImageChops.difference(picture, Image.new("RGB", picture.size, colour)).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _median(histogram: Iterable[int]) -> int:
    counts = list(histogram)
    half, seen = (sum(counts) + 1) // 2, 0
    for level, number in enumerate(counts):
        seen += number
        if seen >= half:
            return level
    raise ValueError("an empty histogram has no median")


def _variance(histogram: Sequence[int]) -> float:
    count = sum(histogram)
    total = sum(level * number for level, number in enumerate(histogram))
    squares = sum(level * level * number for level, number in enumerate(histogram))
    return (squares * count - total * total) / (count * count)


_SUBJECT = [255 if level > OTHER else 0 for level in range(256)]
_WELL_EXPOSED = [math.exp(-((level / 255 - 0.5) ** 2) / (2 * 0.2**2)) for level in range(256)]
