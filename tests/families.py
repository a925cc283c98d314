"""Requests of the families of models over tiny ones, and what a plain call of diffusers makes of the same."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import sdxl
import tiny_families
from calotype.workers.protocol import Failure, Rendered
from calotype.workers.render.diffusers import Diffusers

Request = dict[str, Any]
EDITS = ("qwen-image-edit", "qwen-image-edit-one")
GUIDANCE = {"z-image": 2.0, "qwen-image": 3.0, "qwen-image-edit": 3.0, "qwen-image-edit-one": 3.0, "flux2-klein": 3.0, "sd15": 5.0}


def digest(name: str) -> str:
    return f"{name.encode().hex():0<64}"[:64]


def request(family: str, **changes: Any) -> Request:
    """A request of a tiny model: text to image, or for models that edit one picture."""
    made: Request = {
        "renderer": "diffusers", "family": family.removesuffix("-one"), "epoch": 1, "seed": 1, "size": [64, 64],
        "prompt": "a boy standing", "negative": "", "steps": 2, "guidance_scale": GUIDANCE[family],
        "scheduler": {"name": "own", "args": {}}, "models": {"base": digest(family), "dtype": "float32"},
    }
    if family == "flux2-klein":
        del made["negative"]
    if family in EDITS:
        made["references"] = [sdxl.digest("photo")]
    return {**made, **changes}


def control(name: str = "net sd15") -> dict[str, Any]:
    weights = digest(name) if name.startswith("net ") else sdxl.digest(name)
    return {"controls": [{"weights": weights, "pixels": sdxl.digest("edges"), "strength": 0.8, "start": 0.0, "end": 1.0}]}


def lora(family: str, weight: float = 0.8) -> dict[str, Any]:
    return {"loras": [{"weights": digest(f"lora {family}"), "weight": weight}]}


@cache
def inputs() -> Mapping[str, Path]:
    models = {digest(family): tiny_families.folder(family) for family in tiny_families.BUILT}
    loras = {digest(f"lora {family}"): tiny_families.lora(family) for family in tiny_families.BUILT}
    nets = {digest("net sd15"): tiny_families.controlnet("sd15"), **{
        sdxl.digest(name): sdxl.inputs()[sdxl.digest(name)] for name in ("a", "openpose")}}
    pictures = {sdxl.digest(name): sdxl.inputs()[sdxl.digest(name)] for name in sdxl.PICTURES}
    return {**models, **loras, **nets, **pictures}


def answers(*requests: Request, renderer: Diffusers | None = None) -> list[Rendered | Failure]:
    renderer = renderer or sdxl.shared()
    found = sorted(renderer.perform(requests, inputs(), lambda: False), key=lambda one: one.index)
    assert [one.index for one in found] == list(range(len(requests)))
    return found


def draw(*requests: Request, renderer: Diffusers | None = None) -> list[np.ndarray]:
    found = answers(*requests, renderer=renderer)
    assert all(isinstance(one, Rendered) for one in found), found
    return [np.asarray(one.pixels) for one in found if isinstance(one, Rendered)]


def refusal(one: Request) -> Failure:
    [answer] = answers(one)
    assert isinstance(answer, Failure), answer
    return answer


@cache
def _plain(family: str) -> Any:
    from diffusers import DiffusionPipeline

    pipe = DiffusionPipeline.from_pretrained(tiny_families.folder(family))
    pipe.set_progress_bar_config(disable=True)
    return pipe


@cache
def net() -> Any:
    from diffusers import ControlNetModel

    return ControlNetModel.from_pretrained(tiny_families.controlnet("sd15"))


def plain(one: Request, pipeline: str | None = None, **arguments: Any) -> np.ndarray:
    """What people write with diffusers for that: one call of the model's pipeline, or of another over its parts."""
    import diffusers
    import torch

    family = next(name for name in tiny_families.BUILT if digest(name) == one["models"]["base"])
    own = _plain(family)
    without: dict[str, Any] = {"requires_safety_checker": False} if family == "sd15" else {}
    if pipeline and "ControlNet" in pipeline:
        without["controlnet"] = net()
    pipe = getattr(diffusers, pipeline)(**own.components, **without) if pipeline else own
    pipe.set_progress_bar_config(disable=True)
    scale = "true_cfg_scale" if family.startswith("qwen") else "guidance_scale"
    if "negative" in one:
        arguments["negative_prompt"] = one["negative"] or (" " if family.startswith("qwen") else "")
    if pipeline != "StableDiffusionImg2ImgPipeline":
        arguments |= {"width": one["size"][0], "height": one["size"][1]}
    scheduler = own.scheduler
    kind = type(scheduler) if one["scheduler"]["name"] == "own" else getattr(diffusers, one["scheduler"]["name"])
    pipe.scheduler = kind.from_config(scheduler.config)
    try:
        return np.asarray(pipe(
            prompt=one["prompt"], num_inference_steps=one["steps"], **{scale: one["guidance_scale"]}, **arguments,
            generator=torch.Generator("cpu").manual_seed(one["seed"])).images[0])
    finally:
        pipe.scheduler = scheduler


def picture(name: str) -> Any:
    return sdxl.picture(name)
