"""ResultBuffer renders on their way into the caches, blobs before the results that name them. Must not know targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from calotype.ground import atomic
from calotype.ground.light_dataclass import dataclass
from calotype.language.action import render_action, request_of
from calotype.project.workspace import Workspace
from calotype.store.action_cache import Row

if TYPE_CHECKING:
    from calotype.results.publish.provenance import Embed
    from calotype.workers.protocol import Outcome, Request

BATCH, HELD_SECONDS = 32, 1.0
"""What a kill may cost: so many finished renders, or those that took so long together, are not durable yet."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded render."""

    key: str
    components: bytes
    data: bytes
    pixels: str
    mode: str
    size: tuple[int, int]


def encode(embed: Embed, request: Request, outcome: Outcome) -> Picture:
    """The file of a render and what its pixels are: done where it was made, maybe on several threads."""
    from calotype.ground.images import digest_of, eight_bit
    from calotype.results.publish.provenance import encode as png
    from calotype.workers.protocol import Rendered

    assert isinstance(outcome, Rendered)
    action = render_action(request)
    pixels = eight_bit(outcome.pixels)
    data = png(pixels, request, action.key, embed)
    return Picture(action.key, action.components, data, digest_of(pixels), pixels.mode, pixels.size)


class ResultBuffer:
    """Renders that are held until it is time to make them durable together. Nodes are the caller's names for them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._held: list[tuple[int, Picture, Mapping[str, Any]]] = []
        self._seconds = 0.0

    def hold(self, node: int, picture: Picture, facts: Mapping[str, Any], seconds: float) -> None:
        self._held.append((node, picture, {**facts, "seconds": round(seconds, 6)}))
        self._seconds += seconds

    @property
    def due(self) -> bool:
        return len(self._held) >= BATCH or self._seconds > HELD_SECONDS

    def __len__(self) -> int:
        return len(self._held)

    def keep(self) -> list[tuple[int, bool]]:
        """Makes what is held durable. For each node: whether its render may be used.

        One whose weights or pictures were edited while it was made keeps its bytes, under no key.
        """
        held, self._held, self._seconds = self._held, [], 0.0
        rows: list[Row] = []
        kept = []
        for node, picture, facts in held:
            blob = self._workspace.cas.put(picture.data)
            sound = self._workspace.inputs.unchanged(request_of(picture.components))
            kept.append((node, sound))
            if sound:
                rows.append((picture.key, "render", picture.components, _outputs(picture, blob), facts))
        atomic.point("blobs-written")
        self._workspace.cas.sync()
        atomic.point("blobs-durable")
        self._workspace.results.record(rows)
        atomic.point("results-durable")
        return kept


def _outputs(picture: Picture, blob: str) -> dict[str, Any]:
    width, height = picture.size
    return {"blob": blob, "pixels": picture.pixels, "mode": picture.mode, "width": width, "height": height}
