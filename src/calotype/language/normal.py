"""Numbers in their canonical type, so that 7 and 7.0 are one value. Must not know which file they stand
in."""

from __future__ import annotations

from typing import Any

FLOATS = frozenset(
    (
        "strength",
        "weight",
        "start",
        "end",
        "threshold",
        "guidance_scale",
        "guidance_rescale",
        "scale",
        "refiner_start",
    )
)
INTEGERS = frozenset(
    (
        "seed",
        "base_seed",
        "candidates",
        "count",
        "size",
        "steps",
        "clip_skip",
        "low",
        "high",
        "iterations",
        "min",
        "max",
        "version",
    )
)
_AS_WRITTEN = frozenset(("pose", "options", "scheduler_args"))
"""What a renderer, a scheduler or `language.pose` reads by its own rules."""


def normal(value: Any, key: str = "") -> Any:
    """`value`, which stands under `key` and is valid by the schema, with its numbers as float or int by
    their keys."""
    if isinstance(value, dict):
        return value if key in _AS_WRITTEN else {name: normal(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [normal(part, key) for part in value]
    if type(value) is int and key in FLOATS:
        return float(value)
    if type(value) is float and key in INTEGERS:
        return int(value)
    return value
