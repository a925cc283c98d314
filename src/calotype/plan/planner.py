"""From a spec to what each of its targets needs. Plan, build and check all ask here, so none can disagree.

Planning looks up and performs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from calotype.actions.registry import Kinds
from calotype.engine.rebuild import Need, Verdict
from calotype.ground.target_names import spec_key_of
from calotype.language.image import Image
from calotype.language.resolve import images_of
from calotype.language.spec import Spec
from calotype.plan.planned import Planned
from calotype.plan.stages import Stages
from calotype.project.workspace import Workspace


def plan_spec(spec: Spec, workspace: Workspace, kinds: Kinds) -> Iterator[Planned]:
    """Every target of `spec`, in its order: a target comes after those it starts from, and awaits a human with them."""
    picks: dict[str, str | None] = {}
    awaiting: set[str] = set()
    for image in images_of(spec, workspace.library):
        planned = plan_image(image, picks, workspace, kinds)
        if planned.verdict.need is Need.WAIT and planned.upstream in awaiting:
            planned = replace(planned, verdict=Verdict(Need.AWAIT))
        if planned.verdict.need is Need.AWAIT:
            awaiting.add(image.target)
        picks[image.target] = planned.pixels
        yield planned


def plan_image(image: Image, picks: Mapping[str, str | None], workspace: Workspace, kinds: Kinds) -> Planned:
    """What one target needs, given the pixel digests of the picks made so far (None: not known yet).

    A map counts as it is published until a picture must be rendered with it; then the one at hand counts, for this
    picture alone, and is drawn first where there is none.
    """
    asks = partial(_asks, workspace, kinds)
    stages = Stages(image, picks, workspace, kinds, asks)
    planned = stages.plan()
    local = stages.maps_at_hand(planned)
    return Stages(image, picks, workspace, kinds, asks, local).plan() if local else planned


def _asks(workspace: Workspace, kinds: Kinds, target: str, key: str) -> bool:
    """Whether `target` asks for the render `key` now, be it published so or planned anew."""
    file = workspace.specs.unchanged_file(spec_key_of(target))
    if file is not None:
        path = dict(workspace.state.targets_of(file)).get(target)
        line = workspace.manifest.line(target, path) if path is not None else None
        return line is not None and key in (candidate.action for candidate in line.candidates)
    spec = workspace.specs.changed_spec(spec_key_of(target))
    with workspace.specs.once(target) as first:
        if spec is None or not first:
            return False
        planned = (planned for planned in plan_spec(spec, workspace, kinds) if planned.image.target == target)
        return any(key in each.keys for each in planned)
