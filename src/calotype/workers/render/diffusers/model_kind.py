"""What kind of model weights are of, by the names of their tensors. Must not know where they lie."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

_UNION = ("task_embedding", "control_add_embedding.", "spatial_ch_projs.")
"""Tensors that only a union ControlNet has."""
_FAMILIES = {
    "cond_stage_model.": "Stable Diffusion 1.5 or 2", "model.diffusion_model.joint_blocks.": "Stable Diffusion 3",
    "model.diffusion_model.double_blocks.": "FLUX", "double_blocks.": "FLUX",
}
"""Other families of checkpoints in one file, by how tensors begin."""


def is_union(names: Collection[str]) -> bool:
    """Whether a ControlNet of these tensors is a union. Its config may not say so: xinsir's is older than the class."""
    return any(name.startswith(_UNION) for name in names)


def is_refiner(names: Collection[str]) -> bool:
    """Whether a checkpoint in one file is SDXL's refiner, whose one text encoder is OpenCLIP's."""
    starts = {".".join(name.split(".")[:4]) for name in names if name.startswith("conditioner.embedders.")}
    return any(start.startswith("conditioner.embedders.0.model") for start in starts) and not any(
        start.startswith("conditioner.embedders.1.") for start in starts)


def other_family(names: Collection[str], title: str) -> str | None:
    """What a checkpoint in one file is of, if not a base model of the family called `title`."""
    for start, family in _FAMILIES.items():
        if any(name.startswith(start) for name in names):
            return None if family.startswith(title) else family
    if title != "SDXL":
        return "SDXL" if any(name.startswith("conditioner.embedders.") for name in names) else "something else"
    whole = any(name.startswith("conditioner.embedders.1.") for name in names)
    return None if whole else "something else: it has no second text encoder"


def prediction(names: Collection[str], notes: Mapping[str, str]) -> dict[str, Any]:
    """What a scheduler must know of a checkpoint that predicts velocities (v-prediction): trainers mark it by a tensor
    `v_pred`, and `ztsnr` where the noise ends at no signal, or in the header (Stability's ModelSpec)."""
    if "v_pred" not in names and notes.get("modelspec.prediction_type") != "v":
        return {}
    rescaled = {"rescale_betas_zero_snr": True} if "ztsnr" in names else {}
    return {"prediction_type": "v_prediction", **rescaled}
