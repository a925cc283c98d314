"""Pictures on a terminal: each character cell shows two pixels, one over the other, as the upper half block and what is
behind it."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, TextIO

from calotype.ground.diagnostics import Problem, error
from calotype.ground.images import as_input, open_image
from calotype.roof.report.style import Style, clip, pad

if TYPE_CHECKING:
    from PIL.Image import Image
    from rich.segment import Segment

    from calotype.project.answers import TargetPicture

HALF = "▀"
NARROWEST, GAP = 18, 2
"""Columns that a picture among others has at least, and those between two."""
LOWEST = 8
"""Lines that a picture has at least, however much is printed below it."""


def shows_pictures(stream: TextIO) -> bool:
    """Whether `stream` is a terminal that wants colours and can print half blocks."""
    return stream.isatty() and Style(stream).on and _has_half_blocks(stream)


def most_side_by_side() -> int:
    """How many pictures fit beside each other."""
    return max(1, (_size()[0] + GAP) // (NARROWEST + GAP))


def draw(pictures: Sequence[TargetPicture], below: int, stream: TextIO) -> str:
    """The pictures side by side in the terminal's width, and as high as leaves room for `below` lines; under each of
    several what it is. In 24-bit colour, or as many colours as the terminal says it has. Raises Problem where `stream`
    cannot hold half blocks, or a file cannot be decoded."""
    if not _has_half_blocks(stream):
        raise Problem(error("without-effect", f"`{stream.encoding}` has no half blocks to print a picture with",
                            hint="set PYTHONIOENCODING=utf-8, or leave out --picture"))
    columns, lines = _size()
    width = (columns + GAP) // len(pictures) - GAP
    height = max(LOWEST, lines - below - 2 - (len(pictures) > 1))
    drawn = [_fitted(as_input(open_image(picture.data)), width, height) for picture in pictures]
    label: list[str] = []
    if len(drawn) > 1:
        label = [(" " * GAP).join(pad(clip(_label(picture), width), width) for picture in pictures).rstrip()]
    return "\n".join([*_in_colour(_lines(drawn, width), columns), *label])


def _fitted(image: Image, columns: int, lines: int) -> Image:
    """`image` no larger than so many cells, at its own proportions; never enlarged."""
    from PIL import Image as Images

    share = min(1.0, columns / image.width, 2 * lines / image.height)
    size = max(1, round(image.width * share)), max(1, round(image.height * share))
    return image.resize(size, Images.Resampling.LANCZOS, reducing_gap=2.0)


def _lines(images: Sequence[Image], width: int) -> Iterator[Segment]:
    """Images side by side, `width` cells each."""
    from rich.segment import Segment

    for row in range(max((image.height + 1) // 2 for image in images)):
        blank = 0
        for image in images:
            cells = list(_cells(image, row))
            yield from (Segment(" " * blank), *cells)
            blank = width + GAP - len(cells)
        yield Segment.line()


def _cells(image: Image, row: int) -> Iterator[Segment]:
    """Two rows of pixels as one line; nothing below the image."""
    from rich.color import Color
    from rich.segment import Segment
    from rich.style import Style as Look

    pixels = image.load()
    assert pixels is not None
    upper, lower = 2 * row, 2 * row + 1
    for column in range(image.width if upper < image.height else 0):
        behind = Color.from_rgb(*pixels[column, lower]) if lower < image.height else None  # type: ignore[misc]
        yield Segment(HALF, Look(color=Color.from_rgb(*pixels[column, upper]), bgcolor=behind))  # type: ignore[misc]


def _in_colour(segments: Iterable[Segment], columns: int) -> list[str]:
    """The lines that `segments` make, their colours as escapes that the terminal knows; where none says what it knows,
    as 24-bit ones."""
    from rich.console import Console
    from rich.segment import Segments

    def console(colours: Literal["auto", "truecolor"]) -> Console:
        return Console(file=io.StringIO(), width=columns, force_terminal=True, no_color=False, legacy_windows=False,
                       color_system=colours)

    printer = console("auto")
    if printer.color_system is None:
        printer = console("truecolor")
    with printer.capture() as captured:
        printer.print(Segments(segments), end="", crop=False, soft_wrap=True)
    return [line.rstrip(" ") for line in captured.get().splitlines()]


def _label(picture: TargetPicture) -> str:
    row = picture.candidate
    if row is None:
        return "published"
    words = ["imported" if row.number is None else str(row.number)]
    words += [word for word, holds in (("picked", row.picked), ("rejected", row.rejected)) if holds]
    return " ".join(words)


def _has_half_blocks(stream: TextIO) -> bool:
    try:
        HALF.encode(stream.encoding or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True


def _size() -> os.terminal_size:
    return shutil.get_terminal_size()
