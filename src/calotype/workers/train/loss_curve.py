"""The loss of a training as a picture: each step a faint line, their running mean a dark one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

SIZE = (720, 360)
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 16, 36
_INK, _FAINT, _LINE, _GRID = "#222222", "#c7d3e3", "#1f5fa8", "#e6e6e6"
_MEAN_OF = 20  # parts of the whole that the running mean is over


def draw(losses: Sequence[float]) -> bytes:
    """A PNG of SIZE, the same for the same losses."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(picture)
    highest = _round_up(max(losses))
    _axes(pen, len(losses), highest)
    pen.line(_points(losses, highest), fill=_FAINT)
    pen.line(_points(running_mean(losses), highest), fill=_LINE, width=2)
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def running_mean(losses: Sequence[float]) -> list[float]:
    """Of each step the mean of the steps around it, a twentieth of all of them."""
    reach = max(1, len(losses) // _MEAN_OF) // 2
    sums = [0.0]
    for loss in losses:
        sums.append(sums[-1] + loss)
    spans = ((max(0, place - reach), min(len(losses), place + reach + 1)) for place in range(len(losses)))
    return [(sums[end] - sums[begin]) / (end - begin) for begin, end in spans]


def _points(values: Sequence[float], highest: float) -> list[tuple[float, float]]:
    width, height = SIZE[0] - _LEFT - _RIGHT, SIZE[1] - _TOP - _BOTTOM
    last = max(1, len(values) - 1)
    points = [(_LEFT + width * place / last, _TOP + height * (1 - value / highest))
              for place, value in enumerate(values)]
    return points if len(points) > 1 else [*points, (_LEFT + width, points[0][1])]


def _axes(pen: Any, steps: int, highest: float) -> None:
    """Five lines with their losses, and steps below."""
    right, bottom = SIZE[0] - _RIGHT, SIZE[1] - _BOTTOM
    for part in range(5):
        level = bottom - (bottom - _TOP) * part / 4
        pen.line([(_LEFT, level), (right, level)], fill=_INK if part == 0 else _GRID)
        pen.text((_LEFT - 6, level), f"{highest * part / 4:.3g}", fill=_INK, anchor="rm")
        place = _LEFT + (right - _LEFT) * part / 4
        pen.text((place, bottom + 8), str(round(steps * part / 4)), fill=_INK, anchor="ma" if part < 4 else "ra")
    pen.text(((_LEFT + right) / 2, SIZE[1] - 14), "steps", fill=_INK, anchor="ma")
    pen.text((_LEFT + 8, _TOP), "loss", fill=_INK, anchor="la")


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 5 or 10, times a power of ten."""
    import math

    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * digit for digit in (1, 2, 4, 5, 10) if power * digit >= value * 0.999999)
