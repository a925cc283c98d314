"""Weights from disk to modules: safetensors only, nothing fetched, no foreign code run. Must not know what is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Problem
from calotype.ground.digest import sha256_file
from calotype.models.files import parts, variant_in
from calotype.models.hub_cache import blob_digest
from calotype.workers.render.sdxl.errors import Refused

_LOCAL: Mapping[str, Any] = {"use_safetensors": True, "local_files_only": True}


def base(place: Path, dtype: Any, variant: str | None, watermark: bool, config: Path | None = None) -> Any:
    """The text-to-image pipeline of a base model, its parts on the CPU. A checkpoint in one file, as other programs
    write it, takes its configs and tokenizers from the folder `config`."""
    from diffusers import StableDiffusionXLPipeline

    if config is not None:
        _refuse_pickles(place, None)
        try:
            return StableDiffusionXLPipeline.from_single_file(
                str(place), config=str(config), torch_dtype=dtype, local_files_only=True, add_watermarker=watermark)
        except (OSError, ValueError, RuntimeError, KeyError) as wrong:
            raise _unreadable(place, wrong) from wrong
    return _pipeline(StableDiffusionXLPipeline, place, dtype, variant, add_watermarker=watermark)


def refiner(place: Path, dtype: Any, variant: str | None, shared: Mapping[str, Any], watermark: bool) -> Any:
    """The refiner's pipeline. `shared` are the parts that it takes from the base, where those are the same weights."""
    from diffusers import StableDiffusionXLImg2ImgPipeline

    given = {"text_encoder": None, "tokenizer": None, **shared}  # the refiner has the second encoder alone
    return _pipeline(StableDiffusionXLImg2ImgPipeline, place, dtype, variant, add_watermarker=watermark, **given)


def shared_parts(base: Any, base_place: Path | None, refiner_place: Path | None) -> dict[str, Any]:
    """The parts of `base` whose weights are, byte for byte, the refiner's own as well."""
    shared: dict[str, Any] = {}
    if base_place is None or refiner_place is None:
        return shared
    for name in ("text_encoder_2", "vae"):
        mine, other = _weights_in(base_place / name), _weights_in(refiner_place / name)
        if mine and mine == other:
            shared[name] = getattr(base, name)
    return {**shared, "tokenizer_2": base.tokenizer_2} if "text_encoder_2" in shared else shared


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
    own = place / "preprocessor_config.json"
    size = encoder.config.image_size
    prepared = CLIPImageProcessor.from_pretrained(place, local_files_only=True) if own.exists() else CLIPImageProcessor(
        size={"shortest_edge": size}, crop_size={"height": size, "width": size})
    return encoder, prepared


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
    except SafetensorError as wrong:
        raise Refused(f"`{place.name}` cannot be read: {wrong}", "fetch or copy it again") from wrong


def _pipeline(kind: Any, place: Path, dtype: Any, variant: str | None, **given: Any) -> Any:
    _refuse_pickles(place, variant)
    if not (place / "model_index.json").is_file():
        raise Refused(f"`{place.name}` is not a pipeline as diffusers lays it out: it has no model_index.json",
                      "convert the checkpoint to a folder: diffusers has a script for it")
    try:
        return kind.from_pretrained(
            place, torch_dtype=dtype, variant=variant_in(place, variant), **_LOCAL, **given)
    except (OSError, ValueError, RuntimeError, KeyError) as wrong:
        raise _unreadable(place, wrong) from wrong


def _model(kind: Any, place: Path, dtype: Any, variant: str | None) -> Any:
    _refuse_pickles(place, variant)
    try:
        return kind.from_pretrained(place, torch_dtype=dtype, variant=variant_in(place, variant), **_LOCAL)
    except (OSError, ValueError, RuntimeError, KeyError) as wrong:
        raise _unreadable(place, wrong) from wrong


def _refuse_pickles(place: Path, variant: str | None) -> None:
    """Raises Refused where there are only pickles, which are refused before any of their bytes is read."""
    try:
        found = parts(place, variant)
    except Problem as problem:
        told = problem.diagnostics[0]
        raise Refused(told.message, told.hint) from problem
    if place.is_dir() and not any(name.endswith(".safetensors") for name in found):
        raise Refused(f"`{place.name}` holds no .safetensors", "fetch the model again: calotype models pull")


def _weights_in(folder: Path) -> set[str]:
    """The SHA-256 of each file of weights; what the Hub's cache names by it is not read."""
    found = folder.glob("*.safetensors") if folder.is_dir() else ()
    return {blob_digest(path) or sha256_file(path) for path in found}


def _class_of(config: Path) -> str:
    try:
        return str(json.loads(config.read_text(encoding="utf-8")).get("_class_name", ""))
    except (OSError, ValueError) as wrong:
        raise _unreadable(config.parent, wrong) from wrong


def _unreadable(place: Path, wrong: Exception) -> Refused:
    said = str(wrong).strip().splitlines()
    return Refused(f"`{place.name}` cannot be loaded: {said[0] if said else type(wrong).__name__}",
                   "check the model: calotype models verify")
