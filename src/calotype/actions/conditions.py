"""Control maps as actions: drawn from a posture, or made of a picture by a detector."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from calotype.actions.kinds import Known, Output, Phase, Wanted
from calotype.actions.worker_kind import WorkerKind
from calotype.language.action import MADE, PICK, Action, make, picks_of, request_of, upstreams, with_picks

if TYPE_CHECKING:
    from calotype.workers.protocol import Rendered, Worker

_PICK, _MAP = f'"{PICK}"'.encode(), f'"{MADE}"'.encode()


class Condition(WorkerKind):
    """Its output is the pixel digest of the map, which the requests of renders hold."""

    name = "condition"
    phase: Phase = "render"
    stage = 1
    group = "conditioner"
    code = "condition-failed"

    def expects(self, state: Known) -> int:
        return len(maps_in(state))

    def wanted(self, state: Known) -> Wanted:
        """The maps that the requests hold a place for. One of a picture that is not picked yet has no key until it is;
        nor has a render that starts from it."""
        drafts = maps_in(state)
        picks = picks_in(state)
        settled = (with_picks(draft, picks) for draft in drafts)
        upstream = next((target for target, pixels in picks.items() if pixels is None), None)
        return Wanted(tuple(action for action in settled if action is not None), upstream, drafts)

    def request(self, action: Action) -> Mapping[str, Any]:
        components: dict[str, Any] = json.loads(action.components)
        return components

    def _worker(self, request: Mapping[str, Any]) -> Worker:
        from calotype.workers.condition import conditioner_of

        return self._workspace.registry.conditioner(conditioner_of(request))


def maps_in(state: Known) -> tuple[Action, ...]:
    """The maps that the target's requests hold a place for, as its image asks for them."""
    draft = next(iter(state.drafts), None)
    if draft is None or _MAP not in draft.components:
        return ()
    keys = set(upstreams(request_of(draft.components), MADE))
    every = (control.condition() for control in state.image.made_maps if control.condition is not None)
    return tuple(action for action in every if action.key in keys)


def picks_in(state: Known) -> dict[str, str | None]:
    """The targets whose picks its requests, or the maps in them, hold a place for; with the pick, where it is made."""
    draft = next(iter(state.drafts), None)
    in_requests = upstreams(request_of(draft.components)) if draft and _PICK in draft.components else ()
    targets = dict.fromkeys(chain(in_requests, *(picks_of(action) for action in maps_in(state))))
    return {target: state.pick(target) for target in targets}


def places(state: Known) -> dict[str, str | None]:
    """What fills each place in its requests: the pick of a target, or the output of the map under its draft's key."""
    filled = picks_in(state)
    for draft in maps_in(state):
        action = with_picks(draft, filled)
        made = state.made(action.key) if action is not None else None
        filled[draft.key] = made.output if made is not None else None
    return filled


def encode(request: Mapping[str, Any], outcome: Rendered) -> Output:
    """The map as a PNG of little compression: it is read on this machine, and never published."""
    import io

    from calotype.ground.images import digest_of

    file, picture = io.BytesIO(), outcome.pixels
    picture.save(file, "PNG", compress_level=1)
    width, height = picture.size
    components = dict(request)
    action = make(str(components.pop("action")), components)
    outputs = {"pixels": digest_of(picture), "mode": picture.mode, "width": width, "height": height}
    return Output(action.kind, action.key, action.components, outputs, file.getvalue())


def is_from_pose(action: Action) -> bool:
    """Whether it is a map of a pose, which needs no model and no picture."""
    from calotype.workers.condition import conditioner_of

    return action.kind == Condition.name and conditioner_of(json.loads(action.components)) == "pose"


def drawn_from_pose(action: Action) -> Output:
    """The map of a pose, drawn here and now."""
    from calotype.workers.condition.pose import draw
    from calotype.workers.protocol import Rendered

    request = json.loads(action.components)
    return encode(request, Rendered(0, draw(request)))
