"""From a spec to what each of its targets needs. Plan, build and check all ask here, so none can disagree.

Planning looks up and performs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from calotype.actions.registry import Kinds
from calotype.engine.rebuild import Need, Verdict
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
    stages = Stages(image, picks, workspace, kinds)
    planned = stages.plan()
    local = stages.maps_at_hand(planned)
    return Stages(image, picks, workspace, kinds, local).plan() if local else planned
