"""The names under `licences` in calotype.yaml, held against what it names. Must not know any licence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.diagnostics import Diagnostic, did_you_mean, warning
from calotype.language.condition import PREPROCESSORS
from calotype.language.config import Config
from calotype.language.yaml.document import Document

CODE = "licence-unread"
_NOT_IN = frozenset(("licences", "lint", "policy"))


def unread_licences(config: Config, document: Document) -> Iterator[Diagnostic]:
    """A warning for each licence of what calotype.yaml does not name, nor the packaged settings under it: neither by
    its name, nor by a folder that it lies in."""
    if not config.licences:
        return
    names = dict.fromkeys(_names(config, document.data))
    for entry in config.licences:
        if entry not in names and not any(name.startswith(f"{entry}/") for name in names):
            line, column = document.place(("licences", entry), key=True)
            hint = did_you_mean(entry, list(names)) or "name weights as this file does, or a LoRA or ControlNet of it"
            yield warning(CODE, f"no weights are called `{entry}` here: what is said of them counts for none",
                          file=document.file, line=line, column=column, hint=hint)


def _names(config: Config, written: Mapping[str, Any]) -> Iterator[str]:
    yield from (*config.loras, *config.controlnets)
    sections = [part for key, part in written.items() if key not in _NOT_IN]
    for part in (config.models, config.named_models, config.loras, config.controlnets, PREPROCESSORS, sections):
        yield from _texts(part)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(part)
