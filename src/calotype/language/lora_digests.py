"""The LoRAs that a request holds, by the digests of their weights, and what the image that it is of calls them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.image import Image


def lora_digests(request: Mapping[str, Any]) -> list[str]:
    """In their order; none of a request that holds LoRAs in a form of its renderer's own."""
    loras = request.get("loras")
    if not isinstance(loras, list | tuple):
        return []
    return [lora["weights"] for lora in loras if isinstance(lora, Mapping) and isinstance(lora.get("weights"), str)]


def lora_names(image: Image, request: Mapping[str, Any]) -> dict[str, str]:
    """Digest -> name of the LoRAs in a request of `image`. Those that its renderer does not read are not looked for."""
    asked = lora_digests(request)
    if not asked:
        return {}
    named = ((image.digest(lora.path), lora.name) for lora in image.loras)
    return {digest: name for digest, name in named if digest in asked}
