"""Depth by a DPT model of transformers (`Intel/dpt-large` is MiDaS' DPT_Large)."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels


def depth(picture: Pixels, folder: Path) -> Any:
    """How near each pixel is, on no particular scale: (height, width), float32."""
    import torch

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        model, prepared = _model(folder)
        near = model(**prepared(images=picture, return_tensors="pt")).predicted_depth
        size = (picture.height, picture.width)
        scaled = torch.nn.functional.interpolate(near.unsqueeze(1), size=size, mode="bicubic", align_corners=False)
    return scaled[0, 0].float().numpy()


@lru_cache(maxsize=1)
def _model(folder: Path) -> tuple[Any, Any]:
    from transformers import DPTForDepthEstimation, DPTImageProcessor

    try:
        model = DPTForDepthEstimation.from_pretrained(folder, use_safetensors=True, local_files_only=True)
        model.requires_grad_(False)
        return model, DPTImageProcessor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError) as failure:
        raise Problem(error("weights-unfit", f"`{folder.name}` is no DPT model: {str(failure).splitlines()[0]}",
                            hint="take `Intel/dpt-large`, or another DPT for depth")) from failure
