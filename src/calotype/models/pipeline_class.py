"""The class of diffusers' pipelines that a base model is laid out for. Must not know who renders with it.

A folder says it in `model_index.json`; of a checkpoint in one file the names of its tensors tell.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from calotype.ground.files import read_file
from calotype.models.tensor_header import read_header

SDXL = "StableDiffusionXLPipeline"
INDEX = "model_index.json"
_LARGEST = 100_000
ALONE = "model.diffusion_model."
"""What other programs put before the names of a model that draws and has nothing beside it."""
_TENSORS: Mapping[str, str] = {
    "cap_embedder.": "ZImagePipeline", "transformer_blocks.0.img_mod.": "QwenImagePipeline",
    "double_stream_modulation_img.": "Flux2KleinPipeline",
    "conditioner.embedders.": SDXL, "cond_stage_model.": "StableDiffusionPipeline",
    "joint_blocks.": "StableDiffusion3Pipeline", "double_blocks.": "FluxPipeline",
}
"""How tensors of checkpoints in one file begin."""


def pipeline_class(place: Path) -> str:
    """That of the model at `place`, empty where it does not tell. Raises Problem for a file that is no safetensors
    file, and OSError for what cannot be read."""
    if not place.is_dir():
        return _of_tensors(read_header(place).names)
    try:
        data, _ = read_file(place / INDEX, _LARGEST)
    except FileNotFoundError:
        return ""
    try:
        name = json.loads(data).get("_class_name", "")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return name if isinstance(name, str) else ""


def _of_tensors(names: Collection[str]) -> str:
    bare = [name.removeprefix(ALONE) for name in names]
    return next((kind for start, kind in _TENSORS.items() if any(name.startswith(start) for name in bare)), "")
