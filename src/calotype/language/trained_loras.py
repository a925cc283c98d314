"""LoRAs that are trained on the images of a character: the words that call them up, and what is wrong with naming one.
Must not know whether any is trained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.diagnostics import Diagnostic, did_you_mean
from calotype.ground.folders import MARKER
from calotype.language.config import Config
from calotype.language.spec import Pointer, Spec
from calotype.language.yaml.document import Document

FROM = "from"
LORA = "lora"
"""The last part of a trained LoRA's target: `characters/mannequin/lora`."""
Use = tuple[str, Pointer, str]
"""A file, a place in it, and the name of a LoRA that stands there."""


def trigger_words(lora: Mapping[str, Any], characters: Mapping[str, Spec]) -> tuple[str, ...]:
    """The words that call up a LoRA of calotype.yaml: its own, else that of the set it is trained on."""
    if "trigger_words" in lora or FROM not in lora:
        return tuple(lora.get("trigger_words", ()))
    character = characters.get(lora[FROM].rpartition("/")[2])
    return (character.training_set.trigger_word,) if character and character.training_set else ()


def training_bases(config: Config, characters: Mapping[str, Spec]) -> dict[str, str]:
    """The base model of each LoRA that is trained here, by the LoRA's path: that of the character's own `model`."""
    bases = {}
    for lora in config.loras.values():
        if FROM in lora:
            character = characters.get(lora[FROM].rpartition("/")[2])
            model = config.models_of(character.settings.get("model") if character is not None else None)
            bases[lora["path"]] = str(model["base"])
    return bases


def check_sources(config: Config, characters: Mapping[str, Spec], document: Document) -> Iterator[Diagnostic]:
    """An error for each LoRA of calotype.yaml that is to come from a character who is not there or has no set."""
    for name, lora in config.loras.items():
        if FROM not in lora:
            continue
        kind, _, character = lora[FROM].partition("/")
        spec = characters.get(character)
        if spec is None:
            near = did_you_mean(character, sorted(characters))
            yield document.error("unknown-character", f"there is no character `{character}`", ("loras", name, FROM),
                                 hint=near or "name a spec of `kind: character`")
        elif spec.training_set is None:
            yield document.error(
                "no-training-set", f"`{kind}/{character}` has no training set to train a LoRA on",
                ("loras", name, FROM),
                hint=f"write `training_set: {{trigger_word: WORD, train: {{}}}}` in {spec.file}")
        elif "train" not in spec.data["training_set"]:
            yield document.error(
                "no-training", f"`{kind}/{character}` does not say that a LoRA is trained on its set",
                ("loras", name, FROM), hint=f"write `train: {{}}` into `training_set` in {spec.file}")


def circles(spec: Spec, config: Config, characters: Mapping[str, Spec]) -> Iterator[tuple[Use, str, str]]:
    """Where a character's images use a LoRA that can be trained only when they are there: the place, what is wrong, and
    what to do."""
    if not any(FROM in lora for lora in config.loras.values()):
        return
    for use in _uses(spec, config, characters):
        chain = _chain(use[2], spec.id, config, characters, ())
        if chain:
            others = " and ".join(f"`{name}`" for name in chain[1:])
            through = f", whose images use {others}" if others else ""
            message = f"`{use[2]}` is trained on {config.loras[use[2]][FROM]}{through}"
            yield use, f"{message}: its images would wait for themselves", (
                "leave it out here, and use it in the scenes and exercises that show the character")


def _chain(
    name: str, wanted: str, config: Config, characters: Mapping[str, Spec], seen: tuple[str, ...]
) -> tuple[str, ...]:
    """The LoRAs from `name` on, each needed to train the one before, that lead to one trained on `wanted`; or none."""
    source = config.loras.get(name, {}).get(FROM, "").rpartition("/")[2]
    if not source or name in seen:
        return ()
    if source == wanted:
        return (name,)
    spec = characters.get(source)
    for _, _, other in _uses(spec, config, characters) if spec is not None else ():
        rest = _chain(other, wanted, config, characters, (*seen, name))
        if rest:
            return (name, *rest)
    return ()


def _uses(spec: Spec, config: Config, characters: Mapping[str, Spec]) -> Iterator[Use]:
    """The LoRAs that images of a character's own spec use: each place where one is named."""
    yield from _named(MARKER, ("defaults",), config.defaults, config)
    yield from _named(spec.file, (), spec.data, config)
    for other in _others(spec):
        if other in characters:
            yield from _named(characters[other].file, (), characters[other].settings, config)


def _others(spec: Spec) -> set[str]:
    parts = (part.settings for part in (*spec.anchors, *spec.variations))
    return {name for settings in (spec.settings, *parts) for name in settings.get("characters", ())} - {spec.id}


def _named(file: str, at: Pointer, value: Any, config: Config) -> Iterator[Use]:
    if isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from _named(file, (*at, index), part, config)
    if not isinstance(value, Mapping):
        return
    for key, part in value.items():
        if key == "loras":
            yield from ((file, (*at, key, index, "name"), use["name"]) for index, use in enumerate(part)
                        if use.get("weight") != 0)
        elif key == "background" and part in config.loras:
            yield file, (*at, key), part
        elif key != "pose":
            yield from _named(file, (*at, key), part, config)
