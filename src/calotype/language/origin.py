"""Where the value of a request's field was decided: the file and the pointer in it. Must not know what a field does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.folders import MARKER, POSES
from calotype.ground.light_dataclass import dataclass
from calotype.language.config import DEFAULT_PRESETS, Config
from calotype.language.spec import SETTINGS, ImageSpec, Pointer, Spec

_WRITTEN_AS = {
    "view": ("view_angle",), "position": ("body_position",), "muscles": ("muscles_shown",),
    "joints": ("joints_shown",), "posture": ("pose", "body_position"), "negative": ("negative_prompt",),
    "prompt": ("description", "prompt"), "reference": ("reference", "anchor", "strength"),
}
_SPECS_OWN = ("title", "tags", "prompt", "background")
_PROJECT = {"seed": "base_seed", "renderer": "renderer", "style": "style", "drawing": "drawing"}

_PROJECT_WIDE = ("models", "loras", "controlnets", "scoring")
_DERIVED = ("faces", "method", "start", "guidance_rescale", "clip_skip", "refiner_start")
"""What `sdxl` makes of references, and of what only some presets say."""


@dataclass(frozen=True, slots=True)
class Origin:
    """`pointer` may reach deeper than the document goes; a look-up stops at the deepest part that is there."""

    file: str
    pointer: Pointer


def origin(field: str, spec: Spec, part: ImageSpec, config: Config, poses: Mapping[str, Any]) -> Origin:
    """The place that decided `field` (a dotted path) of the request for `part`; at worst, the image itself."""
    head, *rest = field.replace("[", ".").replace("]", "").split(".")
    return next(_places(head, rest, spec, part, config, poses), Origin(spec.file, part.pointer))


def is_written(head: str) -> bool:
    """Whether `head`, the first part of a field of a request, is what a line of a project may decide."""
    presets = (name for values in DEFAULT_PRESETS.values() for name in values)
    return head in {*_WRITTEN_AS, *SETTINGS, *_SPECS_OWN, *_PROJECT, *_PROJECT_WIDE, *_DERIVED, *presets}


def _places(
    head: str, rest: list[str], spec: Spec, part: ImageSpec, config: Config, poses: Mapping[str, Any]
) -> Iterator[Origin]:
    if head == "loras" and rest:
        yield from _lora_places(rest, spec, part, config)
    for name in _WRITTEN_AS.get(head, (head,)):
        for value, pointer in _written(name, spec, part):
            yield _pose_file(value, poses, rest) or Origin(spec.file, (*pointer, *_deeper(value, rest)))
        if name in config.defaults:
            yield Origin(MARKER, ("defaults", name))
    yield from _preset_places(head, spec, part, config)
    if head in _PROJECT:
        yield Origin(MARKER, (_PROJECT[head],))
    if head in _PROJECT_WIDE:
        yield Origin(MARKER, (head, *rest))


def _written(name: str, spec: Spec, part: ImageSpec) -> Iterator[tuple[Any, Pointer]]:
    """What a spec says under `name` of an image, and where: on itself, on its group (`anchors`), on the spec."""
    group = part.pointer[:1]
    for pointer in (part.pointer, group, ()):
        data = _dig(spec.data, pointer)
        mine = pointer == part.pointer or name in SETTINGS or (not pointer and name in _SPECS_OWN)
        if mine and isinstance(data, Mapping) and name in data:
            yield data[name], (*pointer, name)


def _preset_places(head: str, spec: Spec, part: ImageSpec, config: Config) -> Iterator[Origin]:
    """A value of a preset is decided where the project writes it; a packaged one, where the preset is chosen."""
    chosen = next(_written("preset", spec, part), None)
    name = str(chosen[0] if chosen else config.defaults.get("preset", "standard"))
    values = config.presets.get(name, {})
    if head not in values:
        return
    if values[head] != DEFAULT_PRESETS.get(name, {}).get(head):
        yield Origin(MARKER, ("presets", name, head))
    yield Origin(spec.file, chosen[1]) if chosen else Origin(MARKER, ("defaults", "preset"))


def _lora_places(rest: list[str], spec: Spec, part: ImageSpec, config: Config) -> Iterator[Origin]:
    """A LoRA's file is decided in calotype.yaml; its weight too, unless the image or its spec says otherwise."""
    index, field = int(rest[0]), rest[1] if len(rest) > 1 else ""
    for named, pointer in _written("loras", spec, part):
        if index < len(named):
            one = named[index]
            yield Origin(spec.file, (*pointer, index, field)) if field in one else Origin(
                MARKER, ("loras", one["name"], _lora_field(field, config.loras.get(one["name"], {}))))


def _lora_field(field: str, lora: Mapping[str, Any]) -> str:
    """What of a LoRA in calotype.yaml decides `field`; the file of one that is trained here follows from `from`."""
    return field if field in lora and field != "path" else "from" if "from" in lora else "path"


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
