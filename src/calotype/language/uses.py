"""What a spec names of the project: characters, poses, LoRAs, files. Must not know whether any of it is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from calotype.language.pose.terms import BASES
from calotype.language.spec import Spec

_FILES = ("image", "map")


def uses_of(spec: Spec) -> tuple[str, ...]:
    """`characters/ann`, `poses/bow`, `loras/ink`, `refs/ann.png`: each once, in the order of the document."""
    return tuple(dict.fromkeys(_uses(spec.data)))


def files_in(data: Mapping[str, Any]) -> Iterator[str]:
    """The files that settings, or the data of a spec, name: pictures and ready maps."""
    yield from (name for name in dict.fromkeys(_uses(data)) if PurePosixPath(name).suffix)


def _uses(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _uses(part)
    if not isinstance(value, Mapping):
        return
    for name, part in value.items():
        if name == "characters":
            yield from (f"characters/{character}" for character in part)
        elif name == "loras":
            yield from (f"loras/{lora['name']}" for lora in part)
        elif name == "pose":
            yield from _pose(part)
        elif name == "references":
            yield from part
        elif name in ("reference", "controls"):
            yield from _files(part)
        else:
            yield from _uses(part)


def _pose(value: Any) -> Iterator[str]:
    base = value.get("base") if isinstance(value, Mapping) else value
    if base is not None and base not in BASES:
        yield f"poses/{base}"


def _files(value: Any) -> Iterator[str]:
    for setting in value if isinstance(value, list) else [value]:
        yield from (setting[name] for name in _FILES if name in setting)
