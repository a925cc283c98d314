"""What decides an image that a service makes: its request, and the arguments that the service is sent. It needs neither
fal_client nor a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from calotype.ground.diagnostics import Problem, did_you_mean, error
from calotype.ground.folders import MARKER
from calotype.language.image import Image, Reference
from calotype.language.lora_digests import worn_loras
from calotype.workers.protocol import Request
from calotype.workers.render.hosted.endpoints import Endpoint, endpoint, packaged

NAME, EPOCH = "hosted", 1
SEVERAL = "image_urls"
_CALLED = {"negative": "negative_prompt", "steps": "num_inference_steps", "ratio": "aspect_ratio"}
"""What the service calls fields of a request."""


def request_of(image: Image) -> Request:
    """The projection of a resolved image onto what decides its pixels. Raises Problem for what its endpoint cannot be
    told."""
    chosen = _endpoint(image)
    _refuse_unread(image, chosen)
    request: dict[str, Any] = {
        "renderer": NAME, "epoch": EPOCH, "seed": image.seed, "endpoint": chosen.name,
        "prompt": image.words().prompt,
        "arguments": {"num_images": 1, "output_format": "png", **(chosen.arguments or {})},
    }
    if "negative" in chosen.takes:
        request["negative"] = image.words().negative
    if "steps" in chosen.takes:
        request["steps"] = image.preset["steps"]
    if "safety" in chosen.takes:
        request["arguments"]["enable_safety_checker"] = bool(image.hosted["safety"])
    if "loras" in chosen.takes and (loras := worn_loras(image)):
        request["loras"] = loras
    if "seed" not in chosen.takes:
        request["untold"] = ["seed"]
    if chosen.size == "aspect_ratio":
        request["ratio"] = chosen.ratio(image.size)
    elif chosen.size == "image_size":
        request["size"] = list(image.size)
    elif chosen.scales:
        request["scaled"] = list(image.size)
    return {**request, **_pictures(image, chosen)}


def arguments_of(request: Request, pictures: Sequence[str]) -> dict[str, Any]:
    """What the service is sent for a request, every parameter explicit, but for its LoRAs; `pictures` are those that it
    names, as data URIs."""
    arguments: dict[str, Any] = {"prompt": request["prompt"], **request["arguments"]}
    if "seed" not in request.get("untold", ()):
        arguments["seed"] = request["seed"]
    for field, name in _CALLED.items():
        if field in request:
            arguments[name] = request[field]
    if "size" in request:
        arguments["image_size"] = dict(zip(("width", "height"), request["size"], strict=True))
    if "strength" in request.get("start", {}):
        arguments["strength"] = request["start"]["strength"]
    if "pictures_as" in request:
        arguments[request["pictures_as"]] = list(pictures) if request["pictures_as"] == SEVERAL else pictures[0]
    return arguments


def about(request: Request) -> str:
    """What a person knows a request by, among those that a service tells of."""
    seed = "" if "seed" in request.get("untold", ()) else f"seed {request['seed']}, "
    return f"{seed}{request['prompt']}"


def pictures_in(request: Request) -> list[str]:
    """The pixel digests of the pictures that a request names, in their order: what it starts from first."""
    start = [request["start"]["pixels"]] if "start" in request else []
    return [*start, *request.get("pictures", ())]


def _endpoint(image: Image) -> Endpoint:
    """The one for pictures where the image starts from one, or where it takes the references of characters."""
    names, models = image.hosted["endpoints"], image.hosted["models"]
    of_pictures = endpoint(names["image"], models)
    by_references = bool(_references(image)) and of_pictures is not None and of_pictures.pictures == SEVERAL
    use = "image" if image.reference is not None or by_references else "text"
    chosen = endpoint(names[use], models)
    if chosen is None:
        known = sorted(packaged())
        raise Problem(error(
            "unknown-endpoint", f"what `{names[use]}` takes is not known", file=MARKER,
            hint=did_you_mean(names[use], known) or f"say it under `hosted: {{models: {{{names[use]}: ...}}}}`"))
    if (chosen.pictures == "none") is (use == "image"):
        verb = "takes no picture" if use == "image" else "takes pictures, and this image starts from none"
        raise Problem(error("wrong-endpoint", f"`{image.target}`: `{chosen.name}` {verb}", file=MARKER,
                            hint=f"name another endpoint under `hosted: {{endpoints: {{{use}: ...}}}}`"))
    if chosen.size == "aspect_ratio" and not chosen.ratios:
        raise Problem(error("unknown-endpoint", f"which ratios `{chosen.name}` takes is not known", file=MARKER,
                            hint="list them as its `ratios` under `hosted: {models: ...}`"))
    return chosen


def _references(image: Image) -> list[str]:
    """The pictures that its characters are known by."""
    return [path for path in image.faces if not path.endswith(".npy")]


def _refuse_unread(image: Image, chosen: Endpoint) -> None:
    """Raises Problem for what the image asks for and no endpoint is told."""
    reason = ""
    if "loras" not in chosen.takes and any(lora.weight for lora in image.loras):
        reason = f"`{chosen.name}` takes no LoRAs ({', '.join(lora.name for lora in image.loras)})"
    elif any(control.strength for control in image.controls):
        reason = "the renderer `hosted` takes no controls"
    elif image.reference is not None and image.reference.method not in ("img2img", "auto"):
        reason = f"the renderer `hosted` knows no `method: {image.reference.method}`"
    if reason:
        raise Problem(error("not-hosted", f"`{image.target}`: {reason}", file=image.spec,
                            hint="leave it out, also of `defaults` in calotype.yaml, or take another `renderer`"))


def _pictures(image: Image, chosen: Endpoint) -> dict[str, Any]:
    """What it starts from, and the references of its characters where there is room for several."""
    named: dict[str, Any] = {} if chosen.pictures == "none" else {"pictures_as": chosen.pictures}
    if image.reference is not None:
        named["start"] = {"pixels": image.reference.pixels, **_strength(image.reference, chosen)}
    if chosen.pictures == SEVERAL and (references := _references(image)):
        named["pictures"] = [image.pixels(path) for path in references]
    return named


def _strength(reference: Reference, chosen: Endpoint) -> dict[str, float]:
    return {"strength": reference.strength} if "strength" in chosen.takes else {}
