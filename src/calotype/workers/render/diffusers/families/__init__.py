"""The families of models that the renderer knows, each by the classes of pipelines that its models are laid out for.

One more family is one file here, and a row below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.diagnostics import Problem, error
from calotype.ground.folders import MARKER
from calotype.language.image import Image
from calotype.language.weights import Model
from calotype.workers.render.diffusers.families.family import Family
from calotype.workers.render.diffusers.families.flux2_klein import Flux2Klein
from calotype.workers.render.diffusers.families.qwen_image import QwenImage
from calotype.workers.render.diffusers.families.qwen_image_edit import QwenImageEdit
from calotype.workers.render.diffusers.families.sd15 import Sd15
from calotype.workers.render.diffusers.families.sdxl import Sdxl
from calotype.workers.render.diffusers.families.z_image import ZImage

FAMILIES: Mapping[str, Family] = {
    family.name: family for family in (Sdxl(), Sd15(), ZImage(), QwenImage(), QwenImageEdit(), Flux2Klein())}


def family_of(image: Image) -> Family:
    """The family of the base model of an image; SDXL where nobody says which. Raises Problem for one that is not
    known."""
    named = image.models
    laid_out = image.pipeline(Model(named["base"], named.get("revision"), named.get("variant")))
    if named["base"].endswith(".safetensors") and "config" in named:  # a transformer may serve several pipelines
        laid_out = image.pipeline(Model(named["config"])) or laid_out
    family = of_class(laid_out) if laid_out else FAMILIES[Sdxl.name]
    if family is None:
        raise Problem(error(
            "unknown-family", f"`{named['base']}` is made for `{laid_out}`, which no family of models here is made for",
            file=MARKER, hint=f"name a model of {told()}"))
    return family


def of_class(pipeline: str) -> Family | None:
    """The family whose models are laid out for that class of pipelines, None where no family's are."""
    return next((family for family in FAMILIES.values() if family.serves(pipeline)), None)


def of_request(request: Mapping[str, Any]) -> Family:
    return FAMILIES[request.get("family", Sdxl.name)]


def told() -> str:
    """All families, for messages."""
    return ", ".join(family.title for family in FAMILIES.values())
