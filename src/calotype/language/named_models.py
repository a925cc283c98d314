"""The models of a project: one that has no name, several that have one, and the machine that they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.diagnostics import Diagnostic
from calotype.language.yaml.document import Document

MACHINE = ("device", "memory", "deterministic", "folder")
"""What `models` says of the machine: for all of them alike."""
FOR_ALL = ("dtype", "long_prompts", "watermark", "safety_checker")
"""What `models` says for all models that do not say otherwise."""


def named(own: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The models of calotype.yaml that have a name, by it, with what `models` says for all."""
    shared = {key: own[key] for key in (*MACHINE, *FOR_ALL) if key in own}
    return {name: {**shared, **value} for name, value in own.items() if _is_model(name, value)}


def unnamed(own: Mapping[str, Any], default: str | None) -> dict[str, Any]:
    """What `models` says of the model of images that name none: the one called `default`, or the one without a name."""
    models = named(own)
    if default in models:
        return models[default]
    return {name: value for name, value in own.items() if not _is_model(name, value)}


def without_default(document: Document) -> Iterator[Diagnostic]:
    """Several models of which none is that of an image that names none."""
    models, default = document.data.get("models", {}), document.data.get("defaults", {}).get("model")
    names = list(named(models))
    if names and "base" not in models and default is None:
        yield document.error(
            "no-default-model", "the models have names, and none is that of images that name none", ("models",),
            key=True, hint=f"say `defaults: {{model: {names[0]}}}`")


def _is_model(name: str, value: Any) -> bool:
    return isinstance(value, Mapping) and name != "ip_adapter"
