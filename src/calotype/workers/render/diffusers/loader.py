"""Weights from disk to modules: safetensors only, nothing fetched, no foreign code run, nothing left to chance.

Every tensor of a file has its place in the model and every place its tensor, else the model is refused: what lacks
would be random numbers, and another picture in each process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem
from calotype.models.tensor_header import TensorHeader, read_header
from calotype.models.weight_files import SAFE, parts, variant_in
from calotype.workers.render.diffusers import packages, single_file
from calotype.workers.render.diffusers.errors import Refused
from calotype.workers.render.diffusers.model_kind import is_refiner, is_union, other_family, prediction

if TYPE_CHECKING:
    from calotype.workers.render.diffusers.families.family import Family

_LOCAL: Mapping[str, Any] = {"use_safetensors": True, "local_files_only": True}
_PARTS = ("unet", "transformer", "vae", "text_encoder", "text_encoder_2")
_BESIDES = {"Qwen3Model": ("lm_head.",)}
"""How tensors begin that files of a class may hold beside its own."""
_WIDTHS = {768: "Stable Diffusion 1.5", 1024: "Stable Diffusion 2", 2048: "SDXL"}
"""The families of ControlNets, by the width of the texts that they read."""
_OF_CLIP = ("text_model.", "text_projection.", "logit_scale")
"""What a whole CLIP holds besides its image encoder."""


def base(
    place: Path, dtype: Any, variant: str | None, family: Family, config: Path | None = None, **components: Any
) -> Any:
    """The text-to-image pipeline of a base model, its parts on the CPU; `components` are what it is made with beside
    these. A checkpoint in one file, as other programs write it, takes its configs and tokenizers from the folder
    `config`."""
    if components.get("add_watermarker"):
        _check_watermark()
    if config is not None:
        kind = _class("diffusers", family.classes[0])
        return _fitting(place, family.title, _single_file(kind, place, dtype, config, family, **components))
    return _fitting(place, family.title, whole_pipeline(place, dtype, variant, family, **components))


def refiner(
    place: Path, dtype: Any, variant: str | None, family: Family, vae: Any, config: Path | None = None
) -> Any:
    """The pipeline of a refiner of `family`. It goes on with latents, so of its VAE it needs but the measures, which
    `vae` of the base has as well. Its text encoder is its own: the base's may wear LoRAs."""
    from diffusers import StableDiffusionXLImg2ImgPipeline

    components = {"text_encoder": None, "tokenizer": None, "vae": vae}  # the refiner has the second encoder alone
    kind = StableDiffusionXLImg2ImgPipeline
    if config is not None:
        return _fitting(place, family.title, _single_file(
            kind, place, dtype, config, family, add_watermarker=False, **components))
    _of_class(place, variant, family)
    return _fitting(place, family.title, _of_parts(
        kind, place, dtype, variant, family, {"add_watermarker": False, **components}))


def _fitting(place: Path, title: str, pipe: Any) -> Any:
    """`pipe`, whose parts go together. Raises Refused for what is laid out as a model of the family called `title` and
    is something else: a model that inpaints, or a base model in the place of a refiner."""
    each = (getattr(pipe, name, None) for name in ("text_encoder", "text_encoder_2"))
    unet, encoders = pipe.unet.config, [part for part in each if part is not None]
    channels, width = pipe.vae.config.latent_channels, sum(encoder.config.hidden_size for encoder in encoders)
    what = f"{'base model' if pipe.text_encoder is not None else 'refiner'} of {title}"
    if unet.in_channels != channels:
        inpaints = " (it inpaints)" if unet.in_channels == 2 * channels + 1 else ""
        raise Refused(f"`{place.name}` is no {what}: its U-Net reads {unet.in_channels} channels{inpaints}, and there "
                      f"are {channels}", f"name a {what}")
    if unet.cross_attention_dim != width:
        raise Refused(f"`{place.name}` is no {what}: its U-Net reads texts of width {unet.cross_attention_dim}, and "
                      f"its encoders give {width}", f"name a {what}")
    return pipe


def whole_pipeline(place: Path, dtype: Any, variant: str | None, family: Family, **components: Any) -> Any:
    """The pipeline of a base model of `family` from a folder that is laid out for it, its parts read whole."""
    if not place.is_dir():
        raise Refused(f"`{place.name}` is one file, and models of {family.title} are read as folders",
                      "name the folder, as diffusers lays it out")
    laid_out = _of_class(place, variant, family)
    kind = _class("diffusers", laid_out if laid_out in family.classes else family.classes[0])
    return _of_parts(kind, place, dtype, variant, family, components)


def around_transformer(place: Path, dtype: Any, config: Path, family: Family) -> Any:
    """The pipeline of a base model of `family` whose transformer is in one file, as other programs exchange it; all its
    other parts are those of the model in the folder `config`."""
    kind = _class(*family.parts[family.denoiser])
    try:
        transformer, missing, unexpected = single_file.transformer(kind, tensors(place), config / family.denoiser)
    except (OSError, ValueError, RuntimeError, KeyError, IndexError) as failure:
        raise _unreadable(place.name, failure) from failure
    _refuse_unless_whole(place.name, missing, unexpected)
    return whole_pipeline(config, dtype, None, family, **{family.denoiser: transformer.to(dtype).eval()})


def vae(place: Path, dtype: Any, variant: str | None, base: Any) -> Any:
    """The VAE that decodes what the pipeline `base` makes; one in a single file has the measures of the base's own."""
    from diffusers import AutoencoderKL

    model = _model(AutoencoderKL, place, dtype, variant) if place.is_dir() else _vae_file(place, dtype, base.vae)
    channels, expected = model.config.latent_channels, base.unet.config.in_channels
    if channels != expected:
        raise Refused(f"`{place.name}` is a VAE of {channels} latent channels, and the base model has {expected}",
                      "name a VAE that was made for its family")
    return model


def controlnet(place: Path, dtype: Any, variant: str | None, unet: Any, title: str) -> Any:
    """A ControlNet for `unet` of the family called `title`, or a union of several: its tensors say which, since older
    configs name another class."""
    from diffusers import ControlNetModel, ControlNetUnionModel

    _refuse_pickles(place, variant)
    if not place.is_dir():
        return _controlnet_file(place, dtype, unet, title)
    union = "Union" in _class_of(place / "config.json") or is_union(_tensor_names(place, variant))
    net = _model(ControlNetUnionModel if union else ControlNetModel, place, dtype, variant)
    width, expected = net.config.cross_attention_dim, unet.config.cross_attention_dim
    if width != expected:
        older = f" (it was trained for {_WIDTHS[width]})" if width in _WIDTHS else ""
        raise Refused(f"the ControlNet `{place.name}` reads texts of width {width}, and those of the base model have "
                      f"{expected}{older}", f"name a ControlNet that was trained for {title}")
    return net


def image_encoder(place: Path, dtype: Any, variant: str | None) -> tuple[Any, Any]:
    """CLIP's image encoder, and what prepares pictures for it."""
    from transformers import CLIPImageProcessor, CLIPVisionModelWithProjection

    encoder = _model(CLIPVisionModelWithProjection, place, dtype, variant, besides=_OF_CLIP)
    config = place / "preprocessor_config.json"
    size = encoder.config.image_size
    if config.exists():
        return encoder, CLIPImageProcessor.from_pretrained(place, local_files_only=True)
    return encoder, CLIPImageProcessor(size={"shortest_edge": size}, crop_size={"height": size, "width": size})


def safety_checker(place: Path, dtype: Any, variant: str | None) -> tuple[Any, Any]:
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPImageProcessor

    return _model(StableDiffusionSafetyChecker, place, dtype, variant), CLIPImageProcessor.from_pretrained(
        place, local_files_only=True)


def tensors(place: Path) -> dict[str, Any]:
    """What a `.safetensors` file holds, by name."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if place.is_dir():
        raise Refused(f"`{place.name}` is a folder, and a file of weights is read here", "name a .safetensors file")
    _refuse_pickles(place, None)
    try:
        return load_file(place)
    except SafetensorError as failure:
        raise Refused(f"`{place.name}` cannot be read: {failure}", "fetch or copy it again") from failure


def _controlnet_file(place: Path, dtype: Any, unet: Any, title: str) -> Any:
    state = tensors(place)
    try:
        net, missing, unexpected = single_file.controlnet(state, is_union(state), unet, dtype)
    except (RuntimeError, KeyError, ValueError, IndexError, AttributeError) as failure:
        raise Refused(f"`{place.name}` is no ControlNet of {title}",
                      f"name a ControlNet that was trained for {title}") from failure
    _refuse_unless_whole(place.name, missing, unexpected)
    return net


def _vae_file(place: Path, dtype: Any, base: Any) -> Any:
    _refuse_pickles(place, None)
    _header(place)
    try:
        model = single_file.vae(place, base, dtype)
    except (OSError, ValueError, RuntimeError, KeyError) as failure:
        raise _unreadable(place.name, failure) from failure
    _refuse_unless_whole(place.name, [name for name, value in model.named_parameters() if value.is_meta], [])
    return model


def _check_watermark() -> None:
    if lacking := packages.for_watermark():
        raise Refused(*packages.told_of_watermark(lacking))


def _single_file(
    kind: Any, place: Path, dtype: Any, config: Path, family: Family, **components: Any
) -> Any:
    """A pipeline from one file. A model that predicts velocities says so by a tensor's name, or in the header;
    diffusers goes by the config alone."""
    _refuse_pickles(place, None)
    header = _header(place)
    refines = "vae" in components
    other = None if refines and is_refiner(header.names) else other_family(header.names, family.title)
    if other or (refines and not is_refiner(header.names)):
        what = "refiner" if refines else "base model"
        raise Refused(f"`{place.name}` is no {what} of {family.title}, but of {other or 'another kind'}",
                      f"name a {what} of {family.title}, whole")
    try:
        with single_file.parts_told():
            pipe = kind.from_single_file(
                str(place), config=str(config), torch_dtype=dtype, local_files_only=True, **components)
    except (OSError, ValueError, RuntimeError, KeyError) as failure:
        raise _unreadable(place.name, failure) from failure
    for part in family.parts.keys() - components.keys():
        lacking = [name for name, value in getattr(pipe, part).named_parameters() if value.is_meta]
        _refuse_unless_whole(f"{place.name}, {part}", lacking, [])
    predicts = prediction(header.names, header.notes)
    pipe.scheduler = type(pipe.scheduler).from_config({**pipe.scheduler.config, **predicts})
    return pipe


def _of_class(place: Path, variant: str | None, family: Family) -> str:
    """The class of pipelines that a folder is laid out for. Raises Refused for one of another family."""
    _refuse_pickles(place, variant)
    if not (place / "model_index.json").is_file():
        raise Refused(f"`{place.name}` is not a pipeline as diffusers lays it out: it has no model_index.json",
                      "convert the checkpoint to a folder: diffusers has a script for it")
    laid_out = _class_of(place / "model_index.json")
    if not family.serves(laid_out):
        older = ", that is Stable Diffusion 1.5 or 2" if laid_out == "StableDiffusionPipeline" else ""
        raise Refused(f"`{place.name}` is no {family.title} model: it is made for `{laid_out}`{older}",
                      f"name a model of {family.title}")
    return laid_out


def _of_parts(
    kind: Any, place: Path, dtype: Any, variant: str | None, family: Family, components: Mapping[str, Any]
) -> Any:
    """A pipeline whose parts are read whole, each with its class in the family, but for those at hand."""
    read = dict(components)
    for part, (library, name) in family.parts.items():
        if part not in read:
            read[part] = _model(_class(library, name), place / part, dtype, variant, besides=_BESIDES.get(name, ()))
    try:
        return kind.from_pretrained(place, torch_dtype=dtype, **_LOCAL, **read)
    except (OSError, ValueError, RuntimeError, KeyError) as failure:
        raise _unreadable(place.name, failure) from failure


def _class_of(config: Path) -> str:
    """The class that a config names."""
    if not config.is_file():
        raise Refused(f"`{config.parent.name}` has no {config.name}: it is no model of the kind asked for",
                      "name a model of the right kind")
    try:
        return str(json.loads(config.read_text(encoding="utf-8")).get("_class_name", ""))
    except (OSError, ValueError, AttributeError) as failure:
        raise _unreadable(config.parent.name, failure) from failure


def _tensor_names(place: Path, variant: str | None) -> set[str]:
    """Of all weights that loading reads of a folder."""
    return {name for part in parts(place, variant) if part.endswith(SAFE) for name in _header(place / part).names}


def _header(path: Path) -> TensorHeader:
    try:
        return read_header(path)
    except Problem as problem:
        first = problem.diagnostics[0]
        raise Refused(first.message, first.hint) from problem


def _class(library: str, name: str) -> Any:
    from importlib import import_module

    return getattr(import_module(library), name)


def _model(kind: Any, place: Path, dtype: Any, variant: str | None, besides: tuple[str, ...] = ()) -> Any:
    """A model, whole. `besides`: how tensors begin that may stand in its files and are not read."""
    label = place.name if place.name not in _PARTS else f"{place.parent.name}/{place.name}"
    if not place.is_dir():
        raise Refused(f"`{place.parent.name}` has no folder `{place.name}`", "name a model of the right kind, whole")
    _refuse_pickles(place, variant)
    made_for = _class_of(place / "config.json")
    of_nets = made_for.startswith("ControlNet") and kind.__name__.startswith("ControlNet")  # told by their tensors
    if made_for not in ("", kind.__name__) and not of_nets:
        raise Refused(f"`{label}` is of the class {made_for}, and a model of {kind.__name__} is read here",
                      "name a model of the right kind")
    try:
        model, report = kind.from_pretrained(
            place, torch_dtype=dtype, variant=variant_in(place, variant), output_loading_info=True, **_LOCAL)
    except (OSError, ValueError, RuntimeError, KeyError) as failure:
        raise _unreadable(label, failure) from failure
    unexpected = [name for name in report["unexpected_keys"] if not name.startswith(besides or "\0")]
    _refuse_unless_whole(label, report["missing_keys"], unexpected)
    return model


def _refuse_unless_whole(label: str, missing: Any, unexpected: Any) -> None:
    """`position_ids` are counted out by every CLIP itself; older files hold them."""
    hint = "name a model of the right kind, or fetch it again: calotype models pull"
    for names, problem in ((missing, "lacks"), (unexpected, "holds, and has no place for,")):
        kept = sorted(name for name in names if not name.endswith("position_ids"))
        if kept:
            raise Refused(f"`{label}` {problem} {len(kept)} tensors, such as `{kept[0]}`", hint)


def _refuse_pickles(place: Path, variant: str | None) -> None:
    """Raises Refused where there are only pickles, which are refused before any of their bytes is read."""
    try:
        names = parts(place, variant)
    except Problem as problem:
        first = problem.diagnostics[0]
        raise Refused(first.message, first.hint) from problem
    if place.is_dir() and not any(name.endswith(".safetensors") for name in names):
        raise Refused(f"`{place.name}` holds no .safetensors", "fetch the model again: calotype models pull")


def _unreadable(label: str, failure: Exception) -> Refused:
    lines = str(failure).strip().splitlines()
    return Refused(f"`{label}` cannot be loaded: {lines[0] if lines else type(failure).__name__}",
                   "check the model: calotype models verify")
