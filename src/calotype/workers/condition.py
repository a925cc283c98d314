"""Control maps drawn from a pose, with no reference photograph. Must not know who asks, nor what becomes of a map."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels


def draw(components: Mapping[str, Any], inputs: Mapping[str, Path]) -> Pixels:
    """The map that a `condition` action asks for: 8-bit L or RGB, of the action's `size` in pixels.

    `components` are those of `language.condition`; `inputs` maps each digest they name to where its bytes are.
    """
    from calotype.workers.render.mannequin.maps import maps

    kind = components["type"]
    width, height = components["size"]
    drawn = maps(
        components["posture"], components["view"], components["side"], (width, height), components["joints"], [kind],
        components["profile"],
    )
    return drawn.pictures[kind]
