"""Control maps drawn from a pose, with no reference photograph and nothing to load."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from calotype.language.condition import EPOCH
from calotype.workers.protocol import Cancel, Estimate, Inputs, Rendered, Request

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels


class PoseMaps:
    """Requests are those of `language.condition.from_pose`: 8-bit L or RGB of their `size`."""

    name = "pose"
    epoch = EPOCH

    def affinity(self, request: Request) -> tuple[str, ...]:
        return (self.name,)

    def estimate(self, request: Request) -> Estimate:
        width, height = request["size"]
        return Estimate(seconds=0.01 + 0.3 * width * height / 1024**2)

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Rendered]:
        for index, request in enumerate(batch):
            if cancel():
                return
            yield Rendered(index, draw(request))


def draw(request: Request) -> Pixels:
    """The map of one kind."""
    from calotype.workers.render.mannequin.maps import maps

    kind = request["type"]
    width, height = request["size"]
    drawn = maps(
        request["posture"], request["view"], request["side"], (width, height), request["joints"], [kind],
        request["profile"], request.get("hidden", False),
    )
    return drawn.pictures[kind]
