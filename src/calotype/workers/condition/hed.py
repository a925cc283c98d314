"""Soft edges by the network for HED that controlnet_aux builds (Xie and Tu, 2015), with weights from safetensors."""

from __future__ import annotations

import warnings
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

FILE = "ControlNetHED"


def soft_edges(picture: Pixels, folder: Path, digest: str) -> Pixels:
    """How much of an edge each pixel is, white where it surely is: RGB of the picture's size. `digest` is that of the
    weights in `folder`: others may come to lie there. The network sees sides that are multiples of 64 pixels.

    Raises Problem where the weights are not there or do not fit.
    """
    from PIL.Image import Resampling

    shorter = min(picture.size)
    edges: Pixels = _detector(folder, digest)(picture, detect_resolution=shorter, image_resolution=shorter)
    return edges if edges.size == picture.size else edges.resize(picture.size, Resampling.BILINEAR)


@lru_cache(maxsize=1)
def _detector(folder: Path, digest: str) -> Any:
    from calotype.workers.condition.openpose import tensors_in

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from controlnet_aux.hed import ControlNetHED_Apache2, HEDdetector

    network = ControlNetHED_Apache2()
    tensors, shapes = tensors_in(folder, FILE), {name: part.shape for name, part in network.state_dict().items()}
    for name in sorted(tensors.keys() | shapes.keys()):
        if name not in tensors or name not in shapes or tensors[name].shape != shapes[name]:
            problem = "lacks" if name not in tensors else "has other sizes of" if name in shapes else "has no place for"
            raise Problem(error("weights-unfit", f"`{FILE}.safetensors` is not HED's network: it {problem} `{name}`",
                                hint="convert the published file again: docs/controls.md says how"))
    network.load_state_dict(tensors)
    return HEDdetector(network.float().eval())
