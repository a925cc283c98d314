"""The scorer's protocol, version 1. Must not know any scorer, nor what a score decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

    from calotype.workers.render.protocol import Request


@dataclass(frozen=True, slots=True)
class Score:
    """`total` and each of `parts` are 0-100, higher is better, rounded to three decimals."""

    total: float
    parts: Mapping[str, float]


class Scorer(Protocol):
    """Version 1. `epoch` moves when the same pixels would get another score.

    A scorer's module must import nothing heavy at the top; a model is loaded by the first `score`.
    """

    name: str
    epoch: int

    def score(self, image: Pixels, request: Request) -> Score:
        """The score of a picture, L, LA, RGB or RGBA with 8 bits, that was made for `request`."""
        ...
