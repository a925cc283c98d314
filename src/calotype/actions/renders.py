"""Renders as actions: one for each candidate, by the renderer that its image names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from calotype.actions.kinds import Known, Output, Phase, Wanted
from calotype.actions.worker_kind import WorkerKind
from calotype.language.action import Action, render_action, request_of

if TYPE_CHECKING:
    from calotype.results.publish.provenance import Embed
    from calotype.workers.protocol import Rendered, Worker


class Render(WorkerKind):
    """Its output is the pixel digest of the picture. A picture that lost a choice is promised by no line of the
    manifest, so one made here under its key takes its place."""

    name = "render"
    phase: Phase = "render"
    stage = 2
    bytes_first = True
    group = "renderer"
    code = "render-failed"

    def expects(self, state: Known) -> int:
        return state.image.candidates

    def wanted(self, state: Known) -> Wanted:
        return Wanted(tuple(state.candidates))

    def request(self, action: Action) -> Mapping[str, Any]:
        return request_of(action.components)

    def _worker(self, request: Mapping[str, Any]) -> Worker:
        return self._workspace.renderer(str(request["renderer"]))


def encode(embed: Embed, names: Mapping[str, str], request: Mapping[str, Any], outcome: Rendered) -> Output:
    """The file of a render, its request embedded as `embed` says, with the `names` of its LoRAs, and what its pixels
    are."""
    from calotype.ground.images import digest_of, eight_bit
    from calotype.results.publish.provenance import encode as png

    action = render_action(request)
    pixels = eight_bit(outcome.pixels)
    width, height = pixels.size
    outputs = {"pixels": digest_of(pixels), "mode": pixels.mode, "width": width, "height": height}
    return Output(action.kind, action.key, action.components, outputs, png(pixels, request, action.key, embed, names))
