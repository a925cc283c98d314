"""The text that A1111 writes into its images, as other programs read it. Must not know of files, names or paths.

Of models, LoRAs and ControlNets a request holds digests, never names: readers such as Civitai find them by these. Names
of LoRAs, by digest, come from whoever knows them; one that has none is called by the beginning of its digest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

NAMELESS: Mapping[str, str] = MappingProxyType({})
Named = tuple[str, Mapping[str, Any]]
"""A LoRA of a request, and what it is called."""

_SAMPLERS = {
    "DPMSolverMultistepScheduler": "DPM++ 2M", "DPMSolverSinglestepScheduler": "DPM++ 2S",
    "DPMSolverSDEScheduler": "DPM++ SDE", "EulerDiscreteScheduler": "Euler",
    "EulerAncestralDiscreteScheduler": "Euler a", "HeunDiscreteScheduler": "Heun",
    "KDPM2DiscreteScheduler": "DPM2", "KDPM2AncestralDiscreteScheduler": "DPM2 a", "LMSDiscreteScheduler": "LMS",
    "DDIMScheduler": "DDIM", "UniPCMultistepScheduler": "UniPC", "LCMScheduler": "LCM",
}
"""A1111's names of diffusers' schedulers."""
_SCHEDULES = {"use_karras_sigmas": "Karras", "use_exponential_sigmas": "Exponential", "use_beta_sigmas": "Beta"}
_HASH_LENGTH = 10  # of A1111's short hash, "AutoV2" at Civitai
_DRAWN = ("drawing", "view", "side", "position")


def parameters(request: Mapping[str, Any], names: Mapping[str, str] = NAMELESS) -> str:
    """The text of `request`, with those of A1111's fields that it has; `names` are those of LoRAs by their digests."""
    loras = [(names.get(lora["weights"], lora["weights"][:_HASH_LENGTH]), lora) for lora in _digested(request, "loras")]
    prompt = str(request["prompt"]) if request.get("prompt") else _description(request)
    lines = [" ".join([prompt, *_lora_marks(loras)])]
    negative = request.get("negative") or request.get("negative_prompt")
    if negative:
        lines.append(f"Negative prompt: {negative}")
    fields = [f"{name}: {_quoted(str(value))}" for name, value in _fields(request) if value is not None]
    lines.append(", ".join([*fields, *_hashes(request, loras)]))
    return "\n".join(lines)


def _fields(request: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """A1111's fields in its order; None for one that the request does not have."""
    yield "Steps", request.get("steps")
    yield "Sampler", _sampler(request.get("scheduler", request.get("sampler")))
    yield "CFG scale", request.get("guidance_scale")
    yield "Seed", request.get("seed")
    size, base = request.get("size"), _base(request)
    yield "Size", f"{size[0]}x{size[1]}" if size else None
    yield ("Model hash", base[:_HASH_LENGTH]) if _is_digest(base) else ("Model", base or None)
    yield "VAE hash", _short(_model(request, "vae"))
    start = request.get("start")
    yield "Denoising strength", start.get("strength") if isinstance(start, Mapping) else request.get("strength")
    skipped = request.get("clip_skip")
    yield "Clip skip", skipped + 1 if skipped else None  # A1111 counts from 1, where nothing is skipped
    yield "Refiner", _short(_model(request, "refiner"))
    yield "Refiner switch at", request.get("refiner_start")
    for number, control in enumerate(_digested(request, "controls")):
        yield f"ControlNet {number}", _control(control)
    faces = request.get("faces")
    if isinstance(faces, Mapping) and _is_digest(faces.get("weights")):
        yield "IP-Adapter", f"Model: {_short(faces['weights'])}, Weight: {faces.get('scale')}"


def _sampler(scheduler: Any) -> str | None:
    """`DPM++ 2M Karras` for diffusers' class and its arguments; a name that is none of theirs, as it is."""
    if not isinstance(scheduler, Mapping):
        return scheduler if isinstance(scheduler, str) else None
    name, args = str(scheduler.get("name", "")), scheduler.get("args") or {}
    kind = " SDE" if str(args.get("algorithm_type", "")).startswith("sde") else ""
    schedule = "".join(f" {word}" for key, word in _SCHEDULES.items() if args.get(key))
    return f"{_SAMPLERS.get(name, name)}{kind}{schedule}"


def _base(request: Mapping[str, Any]) -> str:
    """The digest of the checkpoint, or whatever else the request says of it."""
    models = request.get("models")
    value = models.get("base", "") if isinstance(models, Mapping) else request.get("model", "")
    value = value.get("base", value.get("sha256", "")) if isinstance(value, Mapping) else value
    return str(value.get("sha256", "") if isinstance(value, Mapping) else value)


def _model(request: Mapping[str, Any], part: str) -> Any:
    models = request.get("models")
    return models.get(part) if isinstance(models, Mapping) else None


def _short(digest: Any) -> str | None:
    return digest[:_HASH_LENGTH] if _is_digest(digest) else None


def _lora_marks(loras: Sequence[Named]) -> Iterator[str]:
    """`<lora:NAME:weight>`, as readers of A1111's text take a LoRA from a prompt; its name is that in `Lora hashes`."""
    for name, lora in loras:
        yield f"<lora:{name}:{lora.get('weight', 1.0):g}>"


def _control(control: Mapping[str, Any]) -> str:
    fields = {
        "Model": control["weights"][:_HASH_LENGTH], "Weight": control.get("strength"),
        "Guidance Start": control.get("start"), "Guidance End": control.get("end"),
    }
    return ", ".join(f"{name}: {value}" for name, value in fields.items() if value is not None)


def _hashes(request: Mapping[str, Any], loras: Sequence[Named]) -> Iterator[str]:
    """The LoRAs as A1111 writes them, and all digests as Civitai does: JSON that is not quoted."""
    shorts = {name: lora["weights"][:_HASH_LENGTH] for name, lora in loras}
    parts = {"model": _short(_base(request)), "vae": _short(_model(request, "vae"))}
    if loras:
        yield f"Lora hashes: {_quoted(', '.join(f'{name}: {short}' for name, short in shorts.items()))}"
    if loras or parts["vae"]:
        named = {name: short for name, short in parts.items() if short}
        yield f"Hashes: {json.dumps({**named, **{f'lora:{name}': short for name, short in shorts.items()}})}"


def _digested(request: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    """The items of a list in the request that name weights by a digest."""
    every = request.get(field)
    items = every if isinstance(every, list | tuple) else ()
    return [item for item in items if isinstance(item, Mapping) and _is_digest(item.get("weights"))]


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and all(letter in "0123456789abcdef" for letter in value)


def _quoted(value: str) -> str:
    """A1111 writes a value that holds its own separators as a JSON string."""
    return json.dumps(value, ensure_ascii=False) if any(mark in value for mark in ',:\n"') else value


def _description(request: Mapping[str, Any]) -> str:
    """The first line for a renderer that has no prompt: what it was asked to draw."""
    parts = [str(request.get("renderer", "image"))]
    parts += [f"{name} {request[name]}" for name in _DRAWN if request.get(name)]
    parts += _posture(request.get("posture") or {})
    for name in ("muscles", "joints"):
        if request.get(name):
            parts.append(f"{name} {' and '.join(map(str, request[name]))}")
    return ", ".join(" ".join(part.split()) for part in parts)


def _posture(posture: Mapping[str, Any], side: str = "") -> Iterator[str]:
    """`base standing`, `left knee_flexion 40`: names as specs have them, angles in degrees."""
    for name, value in sorted(posture.items()):
        if isinstance(value, Mapping):
            yield from _posture(value, f"{side}{name} ")
        else:
            yield f"{side}{name} {value:g}" if isinstance(value, int | float) else f"{side}{name} {value}"
