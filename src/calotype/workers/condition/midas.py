"""Depth by a model of transformers: a DPT (`Intel/dpt-large` is MiDaS' DPT_Large) or a Depth Anything."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

_UNREAD = ("fusion_stage.layers.0.residual_layer1.", ".pooler.", "position_ids", "embeddings.mask_token")
"""Parts of a model that its depth does not read: published files lack them, or hold them all the same."""
_KINDS = {
    "dpt": ("a DPT model", "take `Intel/dpt-large`, or another DPT for depth"),
    "depth_anything": ("a Depth Anything of relative depth", "take `depth-anything/Depth-Anything-V2-Small-hf`"),
}
"""What each `model_type` is called, and where to get one."""


def depth(picture: Pixels, folder: Path, digest: str, kind: str = "dpt") -> Any:
    """How near each pixel is, on no particular scale: (height, width), float32. `digest` is that of the weights: others
    may come to lie in the same folder. `kind` is the `model_type` that the model must be of.

    Raises Problem where it is of another kind, and where tensors are missing, of other sizes, or have no place in it.
    """
    import torch

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        model, prepared = _model(folder, digest, kind)
        near = model(**prepared(images=picture, return_tensors="pt")).predicted_depth
        size = (picture.height, picture.width)
        scaled = torch.nn.functional.interpolate(near.unsqueeze(1), size=size, mode="bicubic", align_corners=False)
    return scaled[0, 0].float().numpy()


@lru_cache(maxsize=1)
def _model(folder: Path, digest: str, kind: str) -> tuple[Any, Any]:
    from transformers import AutoModelForDepthEstimation, DPTImageProcessor

    _check_kind(folder, kind)
    loader: Any = AutoModelForDepthEstimation
    try:
        model, report = loader.from_pretrained(
            folder, use_safetensors=True, local_files_only=True, output_loading_info=True,
            ignore_mismatched_sizes=True)  # they are refused below, by name
        prepared = DPTImageProcessor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as failure:
        raise _unfit(folder, kind, str(failure).splitlines()[0]) from failure
    mismatched = [name for name, *_ in report["mismatched_keys"]]
    for names, problem in ((report["missing_keys"], "lacks"), (report["unexpected_keys"], "has no place for"),
                           (mismatched, "has other sizes of")):
        if others := sorted(name for name in names if not any(part in name for part in _UNREAD)):
            raise _unfit(folder, kind, f"it {problem} {len(others)} tensors, such as `{others[0]}`")
    model.requires_grad_(False)
    return model, prepared


def _check_kind(folder: Path, kind: str) -> None:
    """Raises Problem unless the config in `folder` is of that `model_type`, and of depth that grows as things come
    near: a metric Depth Anything tells metres, which grow the other way."""
    from transformers import AutoConfig

    try:
        config: Any = AutoConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as failure:
        raise _unfit(folder, kind, str(failure).splitlines()[0]) from failure
    if config.model_type != kind:
        raise _unfit(folder, kind, f"its config says `model_type: {config.model_type}`")
    if getattr(config, "depth_estimation_type", "relative") != "relative":
        raise _unfit(folder, kind, "its config says `depth_estimation_type: metric`")


def _unfit(folder: Path, kind: str, detail: str) -> Problem:
    name, hint = _KINDS[kind]
    return Problem(error("weights-unfit", f"`{folder.name}` is not {name}: {detail}", hint=hint))
