"""A LoRA taken apart: the layers of each part of the model that it changes. Must not know its file, nor a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass

PARTS = ("unet", "transformer", "text_encoder", "text_encoder_2")
DENOISERS = ("unet", "transformer")
"""The parts that draw; a model has one of them."""


def trained_for(family: str) -> str:
    return f"use a LoRA that was trained for {family}"


@dataclass(frozen=True)
class Layers:
    """Of one part of the model: tensors by `layer.lora_A.weight`, and peft's settings for them."""

    tensors: Mapping[str, Any]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class LoraLayers:
    """Of a whole LoRA, by part; `name` is for messages, `count` how many tensors its file holds."""

    name: str
    parts: Mapping[str, Layers]
    count: int
