"""SDXL's architecture with random weights, on disk as diffusers lays it out: at full size for a GPU, or small for a CPU.

The configs are those of stabilityai/stable-diffusion-xl-base-1.0, -refiner-1.0 and diffusers/controlnet-canny-sdxl-1.0.
Random weights cost what trained ones cost: time and memory do not depend on their values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

UNET: dict[str, Any] = {
    "sample_size": 128, "in_channels": 4, "out_channels": 4, "layers_per_block": 2, "norm_num_groups": 32,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": (320, 640, 1280), "transformer_layers_per_block": (1, 2, 10), "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048, "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816, "use_linear_projection": True,
}
REFINER_UNET: dict[str, Any] = {
    **UNET,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "block_out_channels": (384, 768, 1536, 1536), "transformer_layers_per_block": 4, "attention_head_dim": (6, 12, 24, 24),
    "cross_attention_dim": 1280, "projection_class_embeddings_input_dim": 2560,
}
CONTROLNET: dict[str, Any] = {
    **{name: UNET[name] for name in (
        "in_channels", "layers_per_block", "down_block_types", "block_out_channels", "transformer_layers_per_block",
        "attention_head_dim", "cross_attention_dim", "addition_embed_type", "addition_time_embed_dim",
        "projection_class_embeddings_input_dim", "use_linear_projection")},
    "conditioning_embedding_out_channels": (16, 32, 96, 256),
}
VAE: dict[str, Any] = {
    "in_channels": 3, "out_channels": 3, "latent_channels": 4, "layers_per_block": 2, "sample_size": 1024,
    "block_out_channels": (128, 256, 512, 512), "scaling_factor": 0.13025, "force_upcast": True,
    "down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4,
}
TEXT: dict[str, Any] = {
    "hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12,
    "projection_dim": 768, "max_position_embeddings": 77, "vocab_size": 49408, "hidden_act": "quick_gelu",
}
TEXT_2: dict[str, Any] = {
    **TEXT, "hidden_size": 1280, "intermediate_size": 5120, "num_attention_heads": 20, "num_hidden_layers": 32,
    "projection_dim": 1280, "hidden_act": "gelu",
}
SCHEDULER: dict[str, Any] = {
    "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
    "steps_offset": 1, "timestep_spacing": "leading", "prediction_type": "epsilon",
}


@dataclass(frozen=True)
class Scale:
    """What is built: overrides of the full configs by part. `fraction` of a GPU's work tells nothing but the name."""

    name: str
    dtype: str
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def config(self, part: str, full: Mapping[str, Any]) -> dict[str, Any]:
        return {**full, **self.parts.get(part, {})}


FULL = Scale("full", "float16")
