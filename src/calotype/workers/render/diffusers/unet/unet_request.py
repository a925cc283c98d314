"""The requests of SDXL and of families of its kind. It needs neither torch nor a file.

Everything that is absent is an absent key, so that a feature that comes later voids no key of today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Protocol

from calotype.ground.diagnostics import Problem, error
from calotype.language.image import Control, Image, Reference
from calotype.language.lora_digests import worn_loras
from calotype.language.weights import Model

NAME = "sdxl"
SDXL = "stabilityai/stable-diffusion-xl-base-1.0"
REFINER = "stabilityai/stable-diffusion-xl-refiner-1.0"
"""Whose configs and tokenizers a checkpoint in one file is read with, unless the project says otherwise."""
LEADS_ALONE = 0.7
"""Up to this strength a picture that the rendering begins with still shows through; above it, `auto` adds its edges."""
BY_CLASSES = ("segmentation", "seg")
"""Kinds of map whose colours name classes, and must not mix."""
ONE_TILE = 1024
"""Pixels of a side up to which low memory decodes in one piece, as any other does."""


class Traits(Protocol):
    """What requests are told of the family: its epoch, the model whose configs go with a checkpoint in one file, and
    the ControlNet that a name stands for."""

    epoch: ClassVar[int]
    published: ClassVar[str]

    def net(self, named: Model) -> Model: ...


def request_of(image: Image, family: Traits, preset: Mapping[str, Any]) -> dict[str, Any]:
    """The projection of a resolved image onto what decides its pixels with SDXL, or a family of its kind; `preset`
    holds the values in force."""
    words = image.words()
    request: dict[str, Any] = {
        "renderer": NAME, "epoch": family.epoch, "seed": image.seed, "size": list(image.size),
        "prompt": words.prompt, "negative": words.negative,
        "steps": preset["steps"], "guidance_scale": preset["guidance_scale"],
        "scheduler": _scheduler(preset),
        "models": _models(image, family, preset),
    }
    loras = worn_loras(image)
    method = method_of(image.reference, image.controls)
    controls = list(_controls(image, method, family))
    request |= {name: preset[name] for name in ("guidance_rescale", "clip_skip") if preset.get(name)}
    if preset.get("refiner"):
        request["refiner_start"] = preset.get("refiner_start", 0.8)
    if loras:
        request["loras"] = loras
    if controls:
        request["controls"] = controls
    if image.reference is not None:
        request["method"] = method
        if method in ("img2img", "both"):
            request["start"] = {"pixels": image.reference.pixels, "strength": image.reference.strength}
    faces = _faces(image)
    return {**request, "faces": faces} if faces else request


def _scheduler(preset: Mapping[str, Any]) -> dict[str, Any]:
    """The packaged arguments are for the packaged scheduler and those like it, not for the model's own."""
    own = preset["scheduler"] == "own" and "scheduler_args" not in preset.get("written", ())
    return {"name": preset["scheduler"], "args": {} if own else dict(preset.get("scheduler_args", {}))}


def method_of(reference: Reference | None, controls: tuple[Control, ...]) -> str:
    """How the picture an image starts from is used. `auto`: as `img2img` where maps of the image's own lead, or where
    the strength lets the picture itself lead; else as `both`, so that its edges go on leading."""
    if reference is None:
        return "text2img"
    if reference.method != "auto":
        return reference.method
    return "img2img" if controls or reference.strength <= LEADS_ALONE else "both"


def base_models(named: Mapping[str, Any], weights: Callable[[Model], str], config: str = SDXL) -> dict[str, Any]:
    """The base model that calotype.yaml has `named` under `models`, by the digests that `weights` gives: with its VAE
    and its configs, where they are named or those of `config`, and the number type."""
    models: dict[str, Any] = {
        "base": weights(Model(named["base"], named.get("revision"), named.get("variant"))), "dtype": named["dtype"],
    }
    if named["base"].endswith(".safetensors"):
        models["config"] = weights(Model(named.get("config", config), settings=True))
    if named.get("vae"):
        models["vae"] = weights(Model(named["vae"], named.get("vae_revision"), None))
    return models


def _models(image: Image, family: Traits, preset: Mapping[str, Any]) -> dict[str, Any]:
    named = image.models
    models = base_models(named, image.weights, family.published)
    if preset.get("refiner"):
        variant = named.get("refiner_variant", named.get("variant"))
        models["refiner"] = image.weights(Model(named["refiner"], named.get("refiner_revision"), variant))
        if named["refiner"].endswith(".safetensors"):
            models["refiner_config"] = image.weights(Model(named.get("refiner_config", REFINER), settings=True))
    if named.get("safety_checker"):
        models["safety_checker"] = image.weights(Model(named["safety_checker"]))
    if named.get("watermark"):
        models["watermark"] = True
    if named.get("memory") == "low" and max(image.size) > ONE_TILE:
        models["tiles"] = True
    if not named.get("long_prompts", True):
        models["long_prompts"] = False
    return models


def _controls(image: Image, method: str, family: Traits) -> Iterator[dict[str, Any]]:
    """The maps that lead, by their order: it counts, since ControlNets add up in it."""
    of_reference = image.reference.control if image.reference and method in ("controlnet", "both") else None
    for control in (*image.controls, *([of_reference] if of_reference else [])):
        if not control.strength:
            continue
        component = {
            "weights": image.weights(family.net(control.net)), "pixels": control.pixels, "strength": control.strength,
            "start": control.start, "end": control.end,
        }
        if control.type in BY_CLASSES:
            component["scaled"] = "nearest"
        yield {**component, "mode": control.mode} if control.mode else component


def _faces(image: Image) -> dict[str, Any] | None:
    """The IP-Adapter and what it reads of the image's characters: pictures by an encoder, or embeddings (FaceID)."""
    adapter = image.models.get("ip_adapter")
    if not adapter or not image.faces:
        return None
    by_picture = adapter.get("encoder") is not None
    read = [path for path in image.faces if path.endswith(".npy") is not by_picture]
    if not read:
        kind = "a picture" if by_picture else "an embedding (.npy)"
        raise Problem(error(
            "no-reference", f"the IP-Adapter reads no reference of `{image.target}`: none is {kind}", file=image.spec,
            hint="give the character such a reference, or take the IP-Adapter that reads what it has"))
    model, revision = adapter["model"], adapter.get("revision")
    faces: dict[str, Any] = {
        "weights": image.weights(Model(model, revision, None, adapter["file"])), "scale": adapter.get("scale", 0.6),
    }
    if by_picture:
        faces["encoder"] = image.weights(Model(model, revision, None, adapter["encoder"]))
        faces["pictures"] = [image.pixels(path) for path in read]
    else:
        faces["embeddings"] = [image.digest(path) for path in read]
    return faces
