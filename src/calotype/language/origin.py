"""Where the value of a request's field was decided: the file and the pointer in it. Must not know what a field does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from calotype.ground.paths import MARKER
from calotype.language.config import Config
from calotype.language.spec import SETTINGS, ImageSpec, Pointer, Spec

_WRITTEN_AS = {
    "view": ("view_angle",), "position": ("body_position",), "muscles": ("muscles_shown",),
    "joints": ("joints_shown",), "posture": ("pose", "body_position"), "negative": ("negative_prompt",),
    "prompt": ("description", "prompt"), "reference": ("reference", "anchor", "strength"),
}
_PROJECT = {"seed": "base_seed", "renderer": "renderer", "style": "style", "drawing": "drawing"}
POSES = "specs/poses"


@dataclass(frozen=True, slots=True)
class Origin:
    """`pointer` may reach deeper than the document goes; whoever looks it up stops at the deepest part that is there."""

    file: str
    pointer: Pointer


def origin(field: str, spec: Spec, part: ImageSpec, config: Config, poses: Mapping[str, Any]) -> Origin:
    """The place that decided `field` (a dotted path) of the request for `part`; at worst, the image itself."""
    head, *rest = field.replace("[", ".").replace("]", "").split(".")
    return next(_places(head, rest, spec, part, config, poses), Origin(spec.file, part.pointer))


def _places(
    head: str, rest: list[str], spec: Spec, part: ImageSpec, config: Config, poses: Mapping[str, Any]
) -> Iterator[Origin]:
    for name in _WRITTEN_AS.get(head, (head,)):
        own = _dig(spec.data, part.pointer)
        if isinstance(own, Mapping) and name in own:
            yield _pose_file(own[name], poses, rest) or Origin(spec.file, (*part.pointer, name, *_deeper(own[name], rest)))
        elif name in SETTINGS and name in spec.settings:
            value = spec.settings[name]
            yield _pose_file(value, poses, rest) or Origin(spec.file, (name, *_deeper(value, rest)))
        elif name in SETTINGS and name in config.defaults:
            yield Origin(MARKER, ("defaults", name))
    preset = str(part.settings.get("preset") or spec.settings.get("preset") or config.defaults.get("preset", "standard"))
    if head in config.presets.get(preset, {}):
        yield Origin(MARKER, ("presets", preset, head))
    if head in _PROJECT:
        yield Origin(MARKER, (_PROJECT[head],))
    if head in ("models", "loras", "controlnets", "scoring"):
        yield Origin(MARKER, (head, *rest))


def _pose_file(value: Any, poses: Mapping[str, Any], rest: list[str]) -> Origin | None:
    """A pose that is named, not written out, was decided in its own file."""
    if not isinstance(value, str) or value not in poses:
        return None
    return Origin(f"{POSES}/{value}.yaml", tuple(_deeper(poses[value], rest)))


def _deeper(value: Any, rest: list[str]) -> Iterator[str]:
    """The parts of `rest` that the author wrote too, such as the angle inside a pose."""
    for name in rest:
        if isinstance(value, Mapping) and name in value:
            yield name
            value = value[name]


def _dig(value: Any, pointer: Pointer) -> Any:
    for step in pointer:
        value = value[step]
    return value
