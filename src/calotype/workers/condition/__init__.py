"""Conditioners: control maps drawn from a pose, or made of a picture by a detector.

A `condition` action (see `language.condition`) names its conditioner; nothing here knows what becomes of a map.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def conditioner_of(components: Mapping[str, Any]) -> str:
    """The name of the conditioner that draws the map of a `condition` action."""
    detector = components.get("preprocessor")
    return "pose" if detector is None else str(detector["name"])
