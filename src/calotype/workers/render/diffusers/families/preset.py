"""The values of the preset in force, as a family of models reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.image import Image


def written(image: Image) -> tuple[str, ...]:
    """The values that calotype.yaml says itself."""
    names: tuple[str, ...] = image.preset.get("written", ())
    return names


def value(image: Image, defaults: Mapping[str, Any], name: str) -> Any:
    """One value: as calotype.yaml says, else as the family has it, else as it is packaged."""
    preset = image.preset
    return preset[name] if name in written(image) else defaults.get(name, preset.get(name))


def scheduler_of(image: Image) -> dict[str, Any]:
    """The model's own, unless the preset names one; its arguments as the preset says."""
    named = written(image)
    name = image.preset["scheduler"] if "scheduler" in named else "own"
    arguments = image.preset.get("scheduler_args", {}) if "scheduler_args" in named else {}
    return {"name": name, "args": dict(arguments)}
