"""The embedded renderer: a figure drawn from its posture, with no GPU and no weights. Must not know prompts nor specs.

Nothing heavy is imported here: drawing is imported by the first `perform`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from calotype.language.pose.muscle_names import tinted
from calotype.workers.protocol import Cancel, Estimate, Inputs, Rendered, Request

if TYPE_CHECKING:
    from calotype.language.image import Image

NAME, EPOCH = "mannequin", 2


class Mannequin:
    """Reads pose, position, view, side, muscles, joints, size, drawing and seed: nothing else changes its pixels."""

    name = NAME
    epoch = EPOCH
    exact = True

    def request(self, image: Image) -> Request:
        return {
            "renderer": NAME,
            "epoch": EPOCH,
            "seed": image.seed,
            "size": list(image.size),
            "drawing": image.drawing,
            "view": image.view,
            "side": image.side,
            "position": image.position,
            "posture": image.posture,
            "muscles": list(tinted(image.muscles, image.posture)),
            "joints": list(image.joints),
        }

    def affinity(self, request: Request) -> tuple[str, ...]:
        return (NAME,)

    def estimate(self, request: Request) -> Estimate:
        width, height = request["size"]
        return Estimate(seconds=0.003 + 0.35 * width * height / 1024**2)

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Rendered]:
        from calotype.workers.render.mannequin.draw import draw

        for index, request in enumerate(batch):
            if cancel():
                return
            yield Rendered(index, draw(request), {})
