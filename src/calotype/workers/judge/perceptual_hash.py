"""A hash of what a picture looks like, and whether two pictures look alike by theirs. Must not know what they show.

The difference hash (Krawetz, "Kind of Like That", 2013) of the luma, in rows and in columns, 256 bits each: the picture
is averaged over cells, 17 x 16 and 16 x 17, and a bit is set where the next cell is lighter by more than MARGIN levels,
so that grain and the flat paper of a drawing set none. Integers alone: the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

CELLS = 16
MARGIN = 2
BITS = 2 * CELLS * CELLS
ALIKE = 0.16
"""Of the bits set in either hash, the share that may differ. Of 66 drawings in two styles: saved as JPEG, blurred,
darkened or with new grain they differ by up to 0.12; 4,240 pairs of other poses by 0.18 or more; the same pose drawn
with another seed, which turns it by a few degrees, by 0.05 to 0.5, a third of them by less than 0.16."""


def perceptual_hash(picture: Pixels) -> str:
    """128 hexadecimal digits; rows from the top, then columns' steps downwards, the first bit the highest."""
    from PIL import Image

    luma = picture.convert("L")
    bits = ""
    for across, down in ((1, 0), (0, 1)):
        cells = luma.resize((CELLS + across, CELLS + down), Image.Resampling.BOX)
        bits += "".join(_steps(cells.tobytes(), CELLS + across, across + down * CELLS))
    return f"{int(bits, 2):0{BITS // 4}x}"


def alike(first: str, second: str) -> bool:
    """Whether two pictures are nearly the same, by their hashes: at most ALIKE of the bits set in either differ."""
    return bool(near(int(first, 16), {0: int(second, 16)}))


def near(bits: int, others: Mapping[int, int]) -> list[int]:
    """The numbers of the `others` that are nearly the same as a picture, all by the bits of their hashes."""
    return [number for number, other in others.items()
            if (bits ^ other).bit_count() <= ALIKE * (bits | other).bit_count()]


def _steps(levels: bytes, width: int, step: int) -> Iterator[str]:
    """A bit for each of CELLS x CELLS cells of rows of `width`: whether the cell `step` further on is lighter."""
    for row in range(CELLS):
        for column in range(CELLS):
            at = row * width + column
            yield "1" if levels[at + step] > levels[at] + MARGIN else "0"
