"""The LoRAs of an image and of a request, by the digests of their weights. Must not know what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.image import Image


def worn_loras(image: Image) -> list[dict[str, Any]]:
    """Those of an image as requests hold them: by digest, in its order. What one file is worn at under several names
    adds up."""
    weights: dict[str, float] = {}
    for lora in image.loras:
        digest = image.digest(lora.path)
        weights[digest] = round(weights.get(digest, 0.0) + lora.weight, 9)
    return [{"weights": digest, "weight": weight} for digest, weight in sorted(weights.items()) if weight]


def lora_digests(request: Mapping[str, Any]) -> list[str]:
    """In their order; none of a request that holds LoRAs in a form of its renderer's own."""
    loras = request.get("loras")
    if not isinstance(loras, list | tuple):
        return []
    return [lora["weights"] for lora in loras if isinstance(lora, Mapping) and isinstance(lora.get("weights"), str)]
