"""Depth by a DPT model of transformers (`Intel/dpt-large` is MiDaS' DPT_Large)."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

_UNREAD = ("fusion_stage.layers.0.residual_layer1.", ".pooler.", "position_ids")
"""Parts of a DPT that its depth does not read: its published files lack them, or hold them all the same."""


def depth(picture: Pixels, folder: Path, digest: str) -> Any:
    """How near each pixel is, on no particular scale: (height, width), float32. `digest` is that of the weights: others
    may come to lie in the same folder."""
    import torch

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        model, prepared = _model(folder, digest)
        near = model(**prepared(images=picture, return_tensors="pt")).predicted_depth
        size = (picture.height, picture.width)
        scaled = torch.nn.functional.interpolate(near.unsqueeze(1), size=size, mode="bicubic", align_corners=False)
    return scaled[0, 0].float().numpy()


@lru_cache(maxsize=1)
def _model(folder: Path, digest: str) -> tuple[Any, Any]:
    from transformers import DPTForDepthEstimation, DPTImageProcessor

    kind: Any = DPTForDepthEstimation
    try:
        model, report = kind.from_pretrained(
            folder, use_safetensors=True, local_files_only=True, output_loading_info=True)
        prepared = DPTImageProcessor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as failure:
        raise _unfit(folder, str(failure).splitlines()[0]) from failure
    for names, problem in ((report["missing_keys"], "lacks"), (report["unexpected_keys"], "has no place for")):
        if others := sorted(name for name in names if not any(part in name for part in _UNREAD)):
            raise _unfit(folder, f"it {problem} {len(others)} tensors, such as `{others[0]}`")
    model.requires_grad_(False)
    return model, prepared


def _unfit(folder: Path, detail: str) -> Problem:
    return Problem(error("weights-unfit", f"`{folder.name}` is no DPT model: {detail}",
                         hint="take `Intel/dpt-large`, or another DPT for depth"))
