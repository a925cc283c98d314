"""Control maps: drawn from a pose, or made of a picture by a detector. Must not know what becomes of a map."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels


def draw(components: Mapping[str, Any], inputs: Mapping[str, Path]) -> Pixels:
    """The map that a `condition` action asks for: 8-bit L or RGB, of the action's `size` in pixels.

    `components` are those of `language.condition`; `inputs` maps each digest that they name to where its bytes are.
    Raises Problem where a detector cannot work on this machine.
    """
    if "preprocessor" in components:
        from calotype.workers.condition import picture

        return picture.draw(components, inputs)
    from calotype.workers.condition import pose

    return pose.draw(components)
