"""calotype.yaml as a value, packaged defaults under it. Must not know specs, nor whether a file it names
exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.diagnostics import Diagnostic, Problem
from calotype.ground.folders import BUILD, CACHE, CONTENT, MARKER, SPECS, TEMPLATES, trained_lora
from calotype.ground.light_dataclass import dataclass, field, replace
from calotype.language.judging.scorer_weights import THRESHOLD
from calotype.language.lint.rules import Level
from calotype.language.named_models import named, unnamed, without_default
from calotype.language.normal import normal
from calotype.language.schema.validate import check
from calotype.language.yaml.document import Document

Values = Mapping[str, Any]
Named = Mapping[str, Values]

_COMMON: Values = {
    "size": [1024, 1024],
    "guidance_scale": 7.5,
    "scheduler": "DPMSolverMultistepScheduler",
    "scheduler_args": {"use_karras_sigmas": True},
    "refiner": False,
}
DEFAULT_PRESETS: Named = {
    "draft": {**_COMMON, "steps": 20, "guidance_scale": 7.0},
    "standard": {**_COMMON, "steps": 30},
    "high": {**_COMMON, "steps": 40, "guidance_scale": 8.0},
    "fast": {**_COMMON, "steps": 20},
    "quality": {**_COMMON, "steps": 40, "refiner": True, "refiner_start": 0.8},
    "low_vram": {**_COMMON, "steps": 25, "size": [768, 768]},
}
"""Never edited in place: a change moves the epoch of every renderer that reads them."""

DEFAULT_CONTROLNETS: Named = {
    "openpose": {
        "model": "thibaud/controlnet-openpose-sdxl-1.0", "file": "OpenPoseXL2.safetensors", "strength": 1.0},
    "depth": {"model": "diffusers/controlnet-depth-sdxl-1.0", "strength": 0.8},
    "canny": {"model": "diffusers/controlnet-canny-sdxl-1.0", "strength": 0.7},
}
DEFAULT_MODELS: Values = {
    "base": "stabilityai/stable-diffusion-xl-base-1.0",
    "refiner": "stabilityai/stable-diffusion-xl-refiner-1.0",
    "dtype": "float16",
    "device": "auto",
    "memory": "auto",
    "deterministic": True,
    "long_prompts": True,
    "watermark": False,
    "safety_checker": None,
}
FIXED_VAE = "madebyollin/sdxl-vae-fp16-fix"
"""The VAE of the packaged base in half precision, in which its own gives black pictures."""
DEFAULTS: Values = {"preset": "standard", "candidates": 1, "select": "best"}
DEFAULT_SCORER_MODELS: Named = {
    "pick": {
        "model": "yuvalkirstain/PickScore_v1", "processor": "laion/CLIP-ViT-H-14-laion2B-s32B-b79K"},
    "clip": {"model": "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", "file": "open_clip_model.safetensors"},
    "vqa": {"model": "Salesforce/blip-vqa-base"},
    "pose": {"model": "usyd-community/vitpose-base-simple"},
    "aesthetic": {"model": "openai/clip-vit-large-patch14", "head": "models/aesthetic_v2_l14.safetensors"},
}
"""Of each scorer that has a model which one it is. A scorer whose model is not on this machine is left out."""
DEFAULT_SCORING: Values = {
    "weights": {}, "threshold": THRESHOLD, "strict": False, "written": (), "models": DEFAULT_SCORER_MODELS}
"""`written` is what calotype.yaml says itself."""

DEFAULT_IDENTITY: Values = {"threshold": 0.65, "combine": "best", "dino": {"model": "facebook/dinov2-base"}}
"""Without a `pack`, which nothing but a project can name, there is no method that holds unasked."""


DEFAULT_HOSTED: Values = {
    "endpoints": {"text": "fal-ai/flux-pro/v1.1-ultra", "image": "fal-ai/flux/dev/image-to-image"}, "models": {},
    "prices": {}, "ceiling": {"build": 5.0, "day": 20.0}, "delay": 0.3, "timeout": 120.0, "wait": 900.0,
    "safety": True, "hosts": [],
}
"""What the endpoints take and cost where nothing is said of them is the renderer's to know."""

ARGUMENTS_SET = frozenset((
    "prompt", "negative_prompt", "seed", "num_images", "output_format", "image_size", "aspect_ratio", "image_url",
    "image_urls", "strength", "num_inference_steps", "enable_safety_checker", "loras"))
"""Arguments of hosted endpoints that images and other settings decide."""

DEFAULT_TRACES: Values = {"keep": "failed", "days": 30}
"""Which traces of scenes are kept below build/traces/, and for how long."""
NOT_FOR_CACHES = frozenset((SPECS, CONTENT, TEMPLATES, BUILD, "refs", MARKER))
"""What `cache: {dir: ...}` may neither be nor lie in."""
_VERSIONS = frozenset((".git", ".hg", ".svn", ".jj"))
DECIDES_IMAGES = ("renderer", "style", "drawing", "base_seed", "defaults", "presets", "matte", "output")
"""The keys that decide images by their values. Weights count by their bytes, which the manifest locks; scoring shows in
the picks; `cache`, `lint`, `licences` and `policy` decide no image."""


@dataclass(frozen=True, slots=True)
class Config:
    """A project's calotype.yaml, every default applied. Every member of `presets` is complete.

    `models` is the model of images that name none, `named_models` those that images may name. `written` is what the
    file itself says under DECIDES_IMAGES, no default applied.
    """

    renderer: str = "mannequin"
    style: str = "medical"
    drawing: str = "line"
    base_seed: int = 42
    defaults: Values = field(default_factory=lambda: DEFAULTS)
    presets: Named = field(default_factory=lambda: DEFAULT_PRESETS)
    models: Values = field(default_factory=lambda: _models({}))
    named_models: Named = field(default_factory=dict)
    loras: Named = field(default_factory=dict)
    controlnets: Named = field(default_factory=lambda: DEFAULT_CONTROLNETS)
    scoring: Values = field(default_factory=lambda: DEFAULT_SCORING)
    identity: Values = field(default_factory=lambda: DEFAULT_IDENTITY)
    enhance: Values = field(default_factory=dict)
    traces: Values = field(default_factory=lambda: DEFAULT_TRACES)
    hosted: Values = field(default_factory=lambda: DEFAULT_HOSTED)
    matte: str = "#ffffff"
    output: Values = field(default_factory=lambda: {"format": "png", "embed": "full"})
    cache: Values = field(default_factory=lambda: {"dir": "cache", "remote": None})
    plugins: Named = field(default_factory=dict)
    lint: Mapping[str, Level] = field(default_factory=dict)
    licences: Named = field(default_factory=dict)
    policy: str = "any"
    written: Values = field(default_factory=dict)

    def models_of(self, name: str | None) -> Values:
        """The model called `name`; where there is none, that of images which name none."""
        return self.models if name is None else self.named_models.get(name, self.models)

    def written_of(self, preset: str) -> tuple[str, ...]:
        """The values of a preset that calotype.yaml says itself."""
        own: Named = self.written.get("presets", {})
        common = () if preset in DEFAULT_PRESETS else tuple(own.get("standard", ()))
        return (*common, *own.get(preset, ()))

    @property
    def trains_loras(self) -> bool:
        """Whether a LoRA is trained on the images of a character."""
        return any("from" in lora for lora in self.loras.values())


def load_config(document: Document) -> Config:
    """The config that `document` holds. Raises Problem with every error of it, a newer version among them."""
    faults = check(document, "config") or [
        *_odd_loras(document), *_odd_arguments(document), *without_default(document)]
    if faults:
        raise Problem(faults)
    data = normal(document.data)
    _refuse_cache_dir(document, data.get("cache", {}).get("dir", CACHE))
    packaged = Config()
    plain: dict[str, Any] = {
        key: data[key] for key in ("renderer", "style", "drawing", "base_seed", "plugins", "matte", "policy")
        if key in data
    }
    merged: dict[str, Any] = {
        key: {**getattr(packaged, key), **data[key]}
        for key in ("defaults", "output", "cache")
        if key in data
    }
    presets = _presets(data.get("presets", {}))
    controlnets = _controlnets(data.get("controlnets", {}))
    lint: dict[str, Level] = {code: level or "off" for code, level in data.get("lint", {}).items()}
    written = {key: data[key] for key in DECIDES_IMAGES if key in data}
    return replace(
        packaged, **plain, **merged, scoring=_scoring(data.get("scoring", {})),
        identity=_identity(data.get("identity", {})), enhance=data.get("enhance", {}),
        traces={**DEFAULT_TRACES, **data.get("traces", {})},
        hosted=_hosted(data.get("hosted", {})),
        models=_models(unnamed(data.get("models", {}), merged.get("defaults", {}).get("model"))),
        named_models={name: _models(own) for name, own in named(data.get("models", {})).items()},
        loras=_loras(data.get("loras", {})),
        presets=presets, controlnets=controlnets, lint=lint, licences=_licences(data.get("licences", {})),
        written=written)


def _refuse_cache_dir(document: Document, folder: str) -> None:
    """Raises Problem where the cache would lie among what people write, or what another program keeps."""
    parts = [part.casefold() for part in folder.split("/") if part not in ("", ".")]
    if not parts or parts[0] in NOT_FOR_CACHES or not _VERSIONS.isdisjoint(parts):
        raise Problem(document.error(
            "cache-dir", f"the cache cannot lie in `{folder}`", ("cache", "dir"),
            hint="give it a folder of its own, as `cache` is: what lies there is written and removed unasked"))


def _odd_loras(document: Document) -> Iterator[Diagnostic]:
    """LoRAs that are trained here, and say of which set they were trained elsewhere."""
    for name, lora in document.data.get("loras", {}).items():
        if "from" in lora and "trained_from" in lora:
            yield document.error(
                "without-effect", f"`{name}` is trained here: `trained_from` is of a LoRA that was trained elsewhere",
                ("loras", name, "trained_from"), key=True, hint="leave it out, or name the file by `path`")


def _odd_arguments(document: Document) -> Iterator[Diagnostic]:
    """Arguments of hosted endpoints that are decided elsewhere."""
    for name, model in document.data.get("hosted", {}).get("models", {}).items():
        for argument in ARGUMENTS_SET & model.get("arguments", {}).keys():
            yield document.error(
                "without-effect", f"`{argument}` is set by Calotype: it follows from the image",
                ("hosted", "models", name, "arguments", argument), key=True, hint="leave it out")


def _loras(own: Named) -> Named:
    """The LoRAs of the project, each with the path of its file: of one that is trained here, where it is published."""
    return {name: {**lora, "path": trained_lora(lora["from"])} if "from" in lora else lora
            for name, lora in own.items()}


def _licences(own: Named) -> dict[str, Values]:
    """What the project says of weights, `commercial` in words: YAML reads an unquoted yes as true."""
    words = {True: "yes", False: "no"}
    return {name: {**licence, "commercial": words.get(licence["commercial"], licence["commercial"])}
            for name, licence in own.items()}


def _scoring(own: Values) -> Values:
    """How pictures are judged: the project's values over the packaged ones, those of each scorer's model by itself.
    What is said of a packaged model's files does not hold for another."""
    models = {**DEFAULT_SCORER_MODELS}
    for name, model in own.get("models", {}).items():
        packaged = DEFAULT_SCORER_MODELS.get(name, {})
        another = "model" in model and model["model"] != packaged.get("model")
        kept = {key: value for key, value in packaged.items() if key == "head" or not another}
        models[name] = {**kept, **model}
    return {**DEFAULT_SCORING, **own, "models": models, "written": tuple(own)}


def _identity(own: Values) -> Values:
    """How characters are told: the project's values over the packaged ones. Another model has its own revision."""
    return {**DEFAULT_IDENTITY, **own, "dino": {**DEFAULT_IDENTITY["dino"], **own.get("dino", {})}}


def _hosted(own: Values) -> Values:
    """How pictures are bought: the project's values over the packaged ones, endpoints and ceilings each by itself."""
    each = {name: {**DEFAULT_HOSTED[name], **own.get(name, {})} for name in ("endpoints", "ceiling")}
    return {**DEFAULT_HOSTED, **own, **each}


def _presets(own: Named) -> Named:
    """The packaged presets with the project's values over theirs; what a new one leaves out is that of
    `standard`."""
    presets = _over(DEFAULT_PRESETS, own)
    standard = presets["standard"]
    return {name: values if name in DEFAULT_PRESETS else {**standard, **values} for name, values in presets.items()}


def _models(own: Values) -> Values:
    """The packaged models with the project's over them. In half precision the packaged ones are read as they are
    published in it, the base with the VAE that bears it."""
    models = {**DEFAULT_MODELS, **own, "written": tuple(own)}
    packaged = {name for name in ("base", "refiner") if models[name] == DEFAULT_MODELS[name]}
    if models["dtype"] != "float16":
        return models
    half: dict[str, Any] = {"variant": "fp16", "vae": FIXED_VAE} if "base" in packaged else {}
    if "refiner" in packaged:
        half["refiner_variant"] = "fp16"
    return {**half, **models}


def _controlnets(own: Named) -> Named:
    """The packaged ControlNets with the project's over them; the file of a packaged one is of its own model."""
    nets = _over(DEFAULT_CONTROLNETS, own)
    return {name: {key: value for key, value in net.items() if key != "file" or _is_of(name, net, own)}
            for name, net in nets.items()}


def _is_of(name: str, net: Values, own: Named) -> bool:
    packaged = DEFAULT_CONTROLNETS.get(name, {})
    return "file" in own.get(name, {}) or net.get("model") == packaged.get("model")


def _over(packaged: Named, own: Named) -> dict[str, Values]:
    return {name: {**packaged.get(name, {}), **own.get(name, {})} for name in {**packaged, **own}}
