"""What must be loaded for a request, and what requests must share to be made by one call. It needs no torch."""

from __future__ import annotations

from typing import Any

from calotype.ground.digest import canonical_json, sha256
from calotype.workers.protocol import Request

_SHAPE = (
    "family", "size", "steps", "guidance_scale", "guidance_rescale", "clip_skip", "scheduler", "method",
    "refiner_start",
)
_TELLING = 16  # of a digest, in an affinity: enough to tell weights apart


def affinity_of(request: Request) -> tuple[str, ...]:
    """What must be loaded, most expensive first; the last part names all that one call of a pipeline shares."""
    models = request["models"]
    base = [models["base"], models.get("config", ""), models.get("vae", ""), models["dtype"]]
    nets = sorted({control["weights"] for control in request.get("controls", ())})
    faces = request.get("faces", {})
    return (
        request.get("family", "sdxl"), _label("base", *base), _label("refiner", models.get("refiner", "")),
        _label("nets", *nets),
        _label("faces", faces.get("weights", "")),
        _label("loras", *(lora["weights"] for lora in request.get("loras", ()))),
        shape_of(request),
    )


def shape_of(request: Request) -> str:
    """A name for all that requests must share to be made by one call, beside what is loaded."""
    shape: dict[str, Any] = {name: request[name] for name in _SHAPE if name in request}
    shape["controls"] = [{**control, "pixels": ""} for control in request.get("controls", ())]
    shape["loras"] = request.get("loras", [])
    shape["strength"] = request.get("start", {}).get("strength")
    shape["faces"] = request.get("faces")
    shape["models"] = request["models"]
    return sha256(canonical_json(shape))[:_TELLING]


def _label(part: str, *digests: str) -> str:
    """`base:0123...+4567...`, short, and equal where the digests are."""
    return f"{part}:{'+'.join(digest[:_TELLING] for digest in digests)}"
