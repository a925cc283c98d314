"""Whole figures by DINOv2: Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", TMLR 2024.

A picture's row is the class token of the last layer. The whole picture is looked at: its longer side is scaled to SIDE,
and white paper added; the usual crop of the middle would lose heads and feet.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error
from calotype.ground.digest import sha256_file
from calotype.language.weights import Model
from calotype.models.weight_files import variant_read
from calotype.workers.identity.method import Method
from calotype.workers.identity.space import Cosines
from calotype.workers.protocol import Tell

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

    from calotype.language.identity import Identity
    from calotype.language.image import Image

SIDE = 224
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of the pictures of ImageNet, by channel: what DINOv2 was trained on was brought to them."""
WORK = 1_000_000_000
"""Bytes that looking takes beside the weights, generously."""


class Dino(Method):
    """`similarity` is the cosine of two class tokens. It works on the device that `models: {device: ...}` names; on the
    CPU where that is short of memory."""

    name = "dino"
    space = Cosines()
    weights = "model"
    packages = {"torch": "torch", "transformers": "transformers"}
    extra = "sdxl"
    unseen = "nothing is found"
    section = "models"

    def __init__(self) -> None:
        super().__init__()
        self._device = "auto"
        self._holds = False
        self._turn = Lock()

    def configure(self, settings: Mapping[str, Any], tell: Tell) -> None:
        self._device = settings.get("device", "auto")

    def weighed(self, identity: Identity, image: Image) -> str:
        model = identity.settings["dino"]
        return image.weights(Model(model["model"], model.get("revision"), model.get("variant")))

    def width(self, model: Path | None, digest: str) -> int:
        assert model is not None
        return int(_model(model, digest, self._device)[0].config.hidden_size)

    def look(self, picture: Pixels, model: Path | None, digest: str) -> Any:
        import numpy as np
        import torch
        from PIL import Image, ImageOps

        from calotype.workers.accelerator import HOLDERS

        assert model is not None
        square = ImageOps.pad(picture, (SIDE, SIDE), Image.Resampling.BICUBIC, color="white")
        samples = (np.asarray(square, dtype=np.float32) / 255 - MEAN) / DEVIATION
        batch = torch.from_numpy(samples.astype(np.float32).transpose(2, 0, 1)[None].copy())
        with self._turn, torch.no_grad():
            network, device = _model(model, digest, self._device)
            self._holds = device.type != "cpu"
            HOLDERS.join(self)
            tokens = network(pixel_values=batch.to(device)).last_hidden_state
        return tokens[:, 0].float().cpu().numpy()

    def let_go(self) -> bool:
        """Takes its model off the device, unless it is at work with it."""
        if not self._turn.acquire(blocking=False):
            return False
        try:
            held, self._holds = self._holds, False
            if held:
                _model.cache_clear()
            return held
        finally:
            self._turn.release()

    def close(self) -> None:
        super().close()
        _model.cache_clear()


@lru_cache(maxsize=1)
def _model(folder: Path, digest: str, device_name: str) -> tuple[Any, Any]:
    """The model in `folder`, whose weights have that digest, in single precision, and the device it is on."""
    import torch
    from safetensors import SafetensorError
    from transformers import Dinov2Model

    kind: Any = Dinov2Model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model, report = kind.from_pretrained(
                folder, use_safetensors=True, local_files_only=True, output_loading_info=True, dtype=torch.float32,
                variant=variant_read(folder, digest, sha256_file))
        except (OSError, ValueError, RuntimeError, SafetensorError) as failure:
            raise _unfit(folder, str(failure).splitlines()[0]) from failure
    if lacking := sorted(report["missing_keys"]):
        raise _unfit(folder, f"it lacks {len(lacking)} tensors, such as `{lacking[0]}`")
    model.requires_grad_(False).eval()
    device = _device(device_name, sum(value.numel() * value.element_size() for value in model.parameters()))
    return model.to(device), device


def _device(name: str, size: int) -> Any:
    """The device called `name`, where that has room for `size` bytes; else the CPU. Raises Problem where this machine
    has none such."""
    import torch

    from calotype.workers.accelerator import HOLDERS, choose, free_bytes

    device = choose(name)
    if device is None:
        raise Problem(error("no-device", f"this machine has no device `{name}`",
                            hint="say `device: auto`, or run where there is one"))
    if free_bytes(device) < size + WORK:
        HOLDERS.make_room()
    return device if free_bytes(device) >= size + WORK else torch.device("cpu")


def _unfit(folder: Path, detail: str) -> Problem:
    return Problem(error("weights-unfit", f"`{folder.name}` is no DINOv2 model: {detail}",
                         hint="take `facebook/dinov2-base`, or another Dinov2Model"))
