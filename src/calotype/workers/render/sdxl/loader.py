"""Weights from disk to modules: safetensors only, nothing fetched, no foreign code run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem
from calotype.models.weight_files import parts, variant_in
from calotype.workers.render.sdxl.errors import Refused

_LOCAL: Mapping[str, Any] = {"use_safetensors": True, "local_files_only": True}


def base(place: Path, dtype: Any, variant: str | None, watermark: bool, config: Path | None = None) -> Any:
    """The text-to-image pipeline of a base model, its parts on the CPU. A checkpoint in one file, as other programs
    write it, takes its configs and tokenizers from the folder `config`."""
    from diffusers import StableDiffusionXLPipeline

    if watermark:
        _check_watermark()
    if config is not None:
        _refuse_pickles(place, None)
        try:
            return StableDiffusionXLPipeline.from_single_file(
                str(place), config=str(config), torch_dtype=dtype, local_files_only=True, add_watermarker=watermark)
        except (OSError, ValueError, RuntimeError, KeyError) as failure:
            raise _unreadable(place, failure) from failure
    return _pipeline(StableDiffusionXLPipeline, place, dtype, variant, add_watermarker=watermark)


def refiner(place: Path, dtype: Any, variant: str | None, vae: Any) -> Any:
    """The refiner's pipeline. It goes on with latents, so of its VAE it needs but the measures, which `vae` of the base
    has as well. Its text encoder is its own: the base's may wear LoRAs."""
    from diffusers import StableDiffusionXLImg2ImgPipeline

    components = {"text_encoder": None, "tokenizer": None, "vae": vae}  # the refiner has the second encoder alone
    return _pipeline(StableDiffusionXLImg2ImgPipeline, place, dtype, variant, add_watermarker=False, **components)


def vae(place: Path, dtype: Any) -> Any:
    from diffusers import AutoencoderKL

    return _model(AutoencoderKL, place, dtype, None)


def controlnet(place: Path, dtype: Any, variant: str | None) -> Any:
    """A ControlNet, or a union of several: its config says which."""
    from diffusers import ControlNetModel, ControlNetUnionModel

    kind = _class_of(place / "config.json")
    return _model(ControlNetUnionModel if kind == "ControlNetUnionModel" else ControlNetModel, place, dtype, variant)


def image_encoder(place: Path, dtype: Any) -> tuple[Any, Any]:
    """CLIP's image encoder, and what prepares pictures for it."""
    from transformers import CLIPImageProcessor, CLIPVisionModelWithProjection

    encoder = _model(CLIPVisionModelWithProjection, place, dtype, None)
    config = place / "preprocessor_config.json"
    size = encoder.config.image_size
    if config.exists():
        return encoder, CLIPImageProcessor.from_pretrained(place, local_files_only=True)
    return encoder, CLIPImageProcessor(size={"shortest_edge": size}, crop_size={"height": size, "width": size})


def safety_checker(place: Path, dtype: Any) -> tuple[Any, Any]:
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPImageProcessor

    return _model(StableDiffusionSafetyChecker, place, dtype, None), CLIPImageProcessor.from_pretrained(
        place, local_files_only=True)


def tensors(place: Path) -> dict[str, Any]:
    """What a `.safetensors` file holds, by name."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    _refuse_pickles(place, None)
    try:
        return load_file(place)
    except SafetensorError as failure:
        raise Refused(f"`{place.name}` cannot be read: {failure}", "fetch or copy it again") from failure


def _check_watermark() -> None:
    from importlib.util import find_spec

    if find_spec("imwatermark") is None:
        raise Refused("`watermark: true` needs the package invisible-watermark, which is not installed",
                      "pip install invisible-watermark, or leave `watermark` out of `models`")


def _pipeline(kind: Any, place: Path, dtype: Any, variant: str | None, **arguments: Any) -> Any:
    _refuse_pickles(place, variant)
    if not (place / "model_index.json").is_file():
        raise Refused(f"`{place.name}` is not a pipeline as diffusers lays it out: it has no model_index.json",
                      "convert the checkpoint to a folder: diffusers has a script for it")
    try:
        return kind.from_pretrained(
            place, torch_dtype=dtype, variant=variant_in(place, variant), **_LOCAL, **arguments)
    except (OSError, ValueError, RuntimeError, KeyError) as failure:
        raise _unreadable(place, failure) from failure


def _model(kind: Any, place: Path, dtype: Any, variant: str | None) -> Any:
    _refuse_pickles(place, variant)
    try:
        return kind.from_pretrained(place, torch_dtype=dtype, variant=variant_in(place, variant), **_LOCAL)
    except (OSError, ValueError, RuntimeError, KeyError) as failure:
        raise _unreadable(place, failure) from failure


def _refuse_pickles(place: Path, variant: str | None) -> None:
    """Raises Refused where there are only pickles, which are refused before any of their bytes is read."""
    try:
        names = parts(place, variant)
    except Problem as problem:
        first = problem.diagnostics[0]
        raise Refused(first.message, first.hint) from problem
    if place.is_dir() and not any(name.endswith(".safetensors") for name in names):
        raise Refused(f"`{place.name}` holds no .safetensors", "fetch the model again: calotype models pull")


def _class_of(config: Path) -> str:
    try:
        return str(json.loads(config.read_text(encoding="utf-8")).get("_class_name", ""))
    except (OSError, ValueError) as failure:
        raise _unreadable(config.parent, failure) from failure


def _unreadable(place: Path, failure: Exception) -> Refused:
    lines = str(failure).strip().splitlines()
    return Refused(f"`{place.name}` cannot be loaded: {lines[0] if lines else type(failure).__name__}",
                   "check the model: calotype models verify")
