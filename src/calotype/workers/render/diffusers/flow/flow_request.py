"""Requests of the families of flow matching: those whose transformer goes from noise to a picture in straight lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error
from calotype.language.image import Image
from calotype.language.lora_digests import worn_loras
from calotype.language.weights import Model
from calotype.workers.render.diffusers.families.preset import scheduler_of, value, written

if TYPE_CHECKING:
    from calotype.workers.render.diffusers.families.family import Family

DTYPE = "bfloat16"
"""The number type that these models are published in. In float16 most overflow, and give black pictures."""


def request_of(family: Family, image: Image) -> dict[str, Any]:
    """All but what only some families read."""
    _refuse_sizes(family, image)
    for reason, hint in _inert(family, image):
        raise Problem(error("option-inert", f"`{image.target}`: {reason}", file=image.spec, hint=hint))
    scale = value(image, family.defaults, "guidance_scale")
    request: dict[str, Any] = {
        "renderer": "diffusers", "family": family.name, "epoch": family.epoch, "seed": image.seed,
        "size": list(image.size), "prompt": image.words().prompt, "steps": value(image, family.defaults, "steps"),
        "guidance_scale": scale, "scheduler": scheduler_of(image), "models": _models(family, image),
    }
    if family.is_guided(scale) and family.reads_negative:
        request["negative"] = image.words().negative
    loras = worn_loras(image)
    return {**request, "loras": loras} if loras else request


def pictures_of(image: Image) -> list[str | Mapping[str, str]]:
    """The pictures that an edit works on: the one that the image starts from, then those its characters are known
    by."""
    start = [image.reference.pixels] if image.reference is not None else []
    return [*start, *(image.pixels(path) for path in image.faces if not path.endswith(".npy"))]


def start_of(image: Image) -> dict[str, Any]:
    """The picture that the rendering begins with."""
    if image.reference is None:
        return {}
    return {"start": {"pixels": image.reference.pixels, "strength": image.reference.strength}}


def _models(family: Family, image: Image) -> dict[str, Any]:
    named = image.models
    dtype = named["dtype"] if "dtype" in named.get("written", ()) else DTYPE
    models: dict[str, Any] = {
        "base": image.weights(Model(named["base"], named.get("revision"), named.get("variant"))), "dtype": dtype}
    if named["base"].endswith(".safetensors"):  # a transformer alone: all else is that of a whole model
        models["config"] = image.weights(Model(named.get("config", family.published)))
    if named.get("safety_checker"):
        models["safety_checker"] = image.weights(Model(named["safety_checker"]))
    if named.get("memory") == "low" and max(image.size) > 1024:
        models["tiles"] = True
    return models


def _inert(family: Family, image: Image) -> Iterator[tuple[str, str]]:
    """What would do nothing to a picture of the family, and what to do about it."""
    models = image.models
    for name in ("refiner", "clip_skip", "guidance_rescale"):
        if name in written(image) and image.preset.get(name):
            yield f"{family.title} knows no `{name}`", "take it out of the preset"
    if "vae" in models.get("written", ()):
        yield f"{family.title} takes no other `vae` than its own", "take it out of `models`"
    for name in ("ip_adapter", "watermark"):
        if models.get(name):
            yield f"{family.title} takes no `{name}`", "take it out of `models`"
    if any(control.strength for control in image.controls):
        yield f"{family.title} is held by no ControlNet here", "take `controls` out of the image, or take another model"
    if image.reference is not None and image.reference.method in ("controlnet", "both"):
        yield f"{family.title} is held by no ControlNet here", "leave `method` out of `reference`"


def _refuse_sizes(family: Family, image: Image) -> None:
    """Sides that are no multiples would be cut, without a word."""
    if any(side % family.multiple for side in image.size):
        width, height = (max(family.multiple, round(side / family.multiple) * family.multiple) for side in image.size)
        raise Problem(error(
            "size-unfit", f"`{image.target}`: {family.title} draws sizes that are multiples of {family.multiple}, and "
            f"{image.size[0]}x{image.size[1]} is none", file=image.spec, hint=f"say `size: [{width}, {height}]`"))
