"""The LoRAs that a request holds, by the digests of their weights. Must not know what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def lora_digests(request: Mapping[str, Any]) -> list[str]:
    """In their order; none of a request that holds LoRAs in a form of its renderer's own."""
    loras = request.get("loras")
    if not isinstance(loras, list | tuple):
        return []
    return [lora["weights"] for lora in loras if isinstance(lora, Mapping) and isinstance(lora.get("weights"), str)]
