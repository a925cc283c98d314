"""How a build is overridden from the command line. Must not know what the overrides mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.folders import CONTENT, PREVIEW
from calotype.ground.light_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """How a build is overridden. An overridden one publishes under build/preview/<name>/, never in content/."""

    preset: str | None = None
    renderer: str | None = None

    @property
    def overrides(self) -> Mapping[str, Any]:
        return {name: value for name, value in (("preset", self.preset), ("renderer", self.renderer)) if value}

    @property
    def content(self) -> str:
        names = [name for name in (self.preset, self.renderer) if name]
        return f"{PREVIEW}/{'-'.join(names)}" if names else CONTENT
