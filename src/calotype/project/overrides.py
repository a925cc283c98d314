"""How a build is overridden from the command line. Must not know what the overrides mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.folders import CONTENT, PREVIEW
from calotype.ground.light_dataclass import dataclass

DRAWN = "mannequin"
"""The preview that is no preset: the drawing of the pose."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a build is overridden. An overridden one publishes under build/preview/<name>/, never in content/."""

    preset: str | None = None
    renderer: str | None = None
    hasty: bool = False
    """Whether it is to be looked at only until the picture is there: one candidate of each image, and nobody is asked.
    It publishes in a folder of its own, since `build` with the same preset would have all candidates."""

    @property
    def overrides(self) -> Mapping[str, Any]:
        named = {name: value for name, value in (("preset", self.preset), ("renderer", self.renderer)) if value}
        return {**named, "candidates": 1, "select": "first"} if self.hasty else named

    @property
    def name(self) -> str:
        """What people call it: its preset, its renderer, or both."""
        return "-".join(name for name in (self.preset, self.renderer) if name)

    @property
    def content(self) -> str:
        return f"{PREVIEW}/{'watch-' if self.hasty else ''}{self.name}" if self.name else CONTENT


def preview_of(name: str) -> Profile:
    """How what takes long to render is drawn beforehand: by the mannequin, or in the preset of that name."""
    return Profile(renderer=name, hasty=True) if name == DRAWN else Profile(preset=name, hasty=True)
