"""Where the value of a request's field was decided: the file and the pointer in it. Must not know what a field does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.folders import MARKER, POSES
from calotype.ground.light_dataclass import dataclass
from calotype.language.config import DEFAULT_PRESETS, Config
from calotype.language.in_force import LOCKS, InForce
from calotype.language.spec import SETTINGS, Pointer

_WRITTEN_AS = {
    "view": ("view_angle",), "position": ("body_position",), "muscles": ("muscles_shown",),
    "joints": ("joints_shown",), "posture": ("pose", "body_position"), "negative": ("negative_prompt",),
    "prompt": ("description", "prompt"), "reference": ("reference", "anchor", "strength"), "ratio": ("size",),
    "scaled": ("size",),
}
_STARTS = {"reference.pixels": ("anchor", "reference"), "reference.strength": ("strength", "reference", "anchor")}
"""What decides a part of what an image starts from: a variation says its anchor and its strength itself."""
_OF_REFERENCE = {"method": ("reference", "method"), "start": ("reference",), "pictures": ("reference",)}
"""What `sdxl` and `hosted` say of a reference, by the names of the settings."""
_OF_EVERY_CHARACTER = ("loras", "negative_prompt")
"""Settings of all characters of an image, beside its own."""
_LORA = re.compile(r"loras\[([^]]+)\](?:\.(.+))?")
_SPECS_OWN = ("title", "tags", "prompt", "background")
_PROJECT = {"seed": "base_seed", "renderer": "renderer", "style": "style", "drawing": "drawing"}

_PROJECT_WIDE = ("models", "loras", "controlnets", "scoring")
_OF_HOSTED = {"endpoint": ("endpoints",), "arguments": ("models",)}
"""What `hosted` takes from its section, by the names of its parts."""
_DERIVED = ("faces", *_OF_REFERENCE, "guidance_rescale", "clip_skip", "refiner_start")
"""What `sdxl` makes of references, and of what only some presets say."""


@dataclass(frozen=True, slots=True)
class Origin:
    """`pointer` may reach deeper than the document goes; a look-up stops at the deepest part that is there."""

    file: str
    pointer: Pointer


def origin(field: str, in_force: InForce, config: Config, poses: Mapping[str, Any]) -> Origin:
    """The place that decided `field` (a dotted path) of the request for an image; at worst, the image itself."""
    head, *rest = _steps(field)
    return next(_places(head, rest, in_force, config, poses), Origin(in_force.spec.file, in_force.part.pointer))


def _steps(field: str) -> list[str]:
    """The parts of a dotted path. The name of a LoRA may have dots of its own."""
    lora = _LORA.fullmatch(field)
    if lora is not None:
        return ["loras", *(part for part in lora.groups() if part)]
    head, *rest = field.replace("[", ".").replace("]", "").split(".")
    return [*_OF_REFERENCE.get(head, (head,)), *rest]


def is_written(head: str) -> bool:
    """Whether `head`, the first part of a field of a request, is what a line of a project may decide."""
    presets = (name for values in DEFAULT_PRESETS.values() for name in values)
    return head in {*_WRITTEN_AS, *SETTINGS, *_SPECS_OWN, *_PROJECT, *_PROJECT_WIDE, *_DERIVED, *_OF_HOSTED, *presets}


def _places(
    head: str, rest: list[str], in_force: InForce, config: Config, poses: Mapping[str, Any]
) -> Iterator[Origin]:
    if head == "loras" and rest:
        yield from _lora_places(rest, in_force, config)
    for name in _STARTS.get(".".join([head, *rest[:1]]), _WRITTEN_AS.get(head, (head,))):
        for value, place in _written(name, in_force):
            yield _pose_file(value, poses, rest) or Origin(place.file, (*place.pointer, *_deeper(value, rest)))
        if name in config.defaults:
            yield Origin(MARKER, ("defaults", name))
    yield from _preset_places(head, in_force, config)
    if head in _PROJECT:
        yield Origin(MARKER, (_PROJECT[head],))
    if head == "models" and config.named_models:
        model = in_force.model(config.presets.get(str(in_force.settings().get("preset", "standard")), {}))
        yield Origin(MARKER, (head, *([model] if model is not None and model in config.named_models else []), *rest))
    if head in _PROJECT_WIDE:
        yield Origin(MARKER, (head, *rest))
    if head in _OF_HOSTED:
        yield Origin(MARKER, ("hosted", *_OF_HOSTED[head]))


def _written(name: str, in_force: InForce) -> Iterator[tuple[Any, Origin]]:
    """What is said under `name` of an image, and where: on itself, on its group (`anchors`), on the spec, on one of its
    characters."""
    spec, part = in_force.spec, in_force.part
    for pointer in (part.pointer, part.pointer[:1], ()):
        data = _dig(spec.data, pointer)
        mine = pointer == part.pointer or name in SETTINGS or (not pointer and name in _SPECS_OWN)
        if mine and isinstance(data, Mapping) and name in data:
            yield data[name], Origin(spec.file, (*pointer, name))
    if name in LOCKS:
        character = in_force.locks().get(name)
        if character is not None:
            yield character.data[name], Origin(character.file, (name,))
    for character in in_force.people() if name in _OF_EVERY_CHARACTER else ():
        if name in character.data and not in_force.is_spec_of(character):
            yield character.data[name], Origin(character.file, (name,))


def _preset_places(head: str, in_force: InForce, config: Config) -> Iterator[Origin]:
    """A value of a preset is decided where the project writes it; a packaged one, where the preset is chosen."""
    name, chosen = next(_written("preset", in_force), (config.defaults.get("preset", "standard"), None))
    values = config.presets.get(str(name), {})
    if head not in values:
        return
    if values[head] != DEFAULT_PRESETS.get(str(name), {}).get(head):
        yield Origin(MARKER, ("presets", str(name), head))
    yield chosen or Origin(MARKER, ("defaults", "preset"))


def _lora_places(rest: list[str], in_force: InForce, config: Config) -> Iterator[Origin]:
    """A LoRA's file is decided in calotype.yaml; its weight too, unless the image, its spec or a character says
    otherwise. `rest` is its name, and a field of it."""
    name, field = rest[0], rest[1] if len(rest) > 1 else ""
    for uses, place in _lora_lists(in_force):
        index = next((index for index, use in enumerate(uses) if use["name"] == name), None)
        if index is not None:
            yield Origin(place.file, (*place.pointer, index, field)) if field in uses[index] else Origin(
                MARKER, ("loras", name, _lora_field(field, config.loras.get(name, {}))))


def _lora_lists(in_force: InForce) -> Iterator[tuple[Any, Origin]]:
    """The lists of LoRAs of an image in the order in which they count."""
    yield from _written("loras", in_force)
    if "loras" in in_force.defaults:
        yield in_force.defaults["loras"], Origin(MARKER, ("defaults", "loras"))


def _lora_field(field: str, lora: Mapping[str, Any]) -> str:
    """What of a LoRA in calotype.yaml decides `field`; the file of one that is trained here follows from `from`."""
    return field if field in lora and field != "path" else "from" if "from" in lora else "path"


def _pose_file(value: Any, poses: Mapping[str, Any], rest: list[str]) -> Origin | None:
    """A pose that is named, not written out, was decided in its own file."""
    if not isinstance(value, str) or value not in poses:
        return None
    return Origin(f"{POSES}/{value}.yaml", tuple(_deeper(poses[value], rest)))


def _deeper(value: Any, rest: list[str]) -> Iterator[str | int]:
    """The parts of `rest` that the author wrote too, such as the angle inside a pose, or one of several controls."""
    for name in rest:
        if isinstance(value, Mapping) and name in value:
            yield name
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            yield int(name)
            value = value[int(name)]


def _dig(value: Any, pointer: Pointer) -> Any:
    for step in pointer:
        value = value[step]
    return value
