"""Control maps drawn from a pose, with no reference photograph. Must not know who asks, nor what becomes of a map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels


def draw(components: Mapping[str, Any]) -> Pixels:
    """The map of one kind, as `language.condition.from_pose` asks for it."""
    from calotype.workers.render.mannequin.maps import maps

    kind = components["type"]
    width, height = components["size"]
    drawn = maps(
        components["posture"], components["view"], components["side"], (width, height), components["joints"], [kind],
        components["profile"],
    )
    return drawn.pictures[kind]
