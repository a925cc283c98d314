"""What decides a trained LoRA, and what a training gives. It needs neither torch nor a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calotype.ground.light_dataclass import dataclass, field

EPOCH = 1
"""It moves when the same job would give another LoRA."""
_STEP = 0.8
"""Seconds of one step at 1024 x 1024 on a GPU of the kind people have."""
_UNET, _WORK, _PARAMETERS_A_RANK = 5.2e9, 3.0e9, 1.45e6
"""Bytes of SDXL's U-Net in half precision, and of the work on one picture of 1024 x 1024, taken to be that of a render;
numbers of a LoRA of its attentions for each rank (of rank 4, a file holds 23 MB in single precision)."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How is trained. `alpha` None: as the rank, so that a weight of 1 wears the LoRA as it was trained. `resolution`:
    the side of a square of as many pixels as each picture is scaled to. `checkpoint_every`: in steps; it decides
    nothing of the result."""

    steps: int = 1200
    rank: int = 16
    alpha: float | None = None
    learning_rate: float = 1e-4
    seed: int = 0
    resolution: int = 1024
    checkpoint_every: int = 100

    @property
    def strength(self) -> float:
        """Alpha, in numbers."""
        return float(self.rank if self.alpha is None else self.alpha)

    def components(self) -> dict[str, Any]:
        """All of it that decides the result."""
        return {
            "steps": self.steps, "rank": self.rank, "alpha": self.strength, "learning_rate": self.learning_rate,
            "seed": self.seed, "resolution": self.resolution,
        }

    def estimate(self) -> float:
        """Seconds on a GPU."""
        return 30 + self.steps * _STEP * (self.resolution / 1024) ** 2

    def least_memory(self) -> float:
        """Bytes of a device's memory in half precision, by SDXL's size: its U-Net; the LoRA with its gradients and
        Adam's two moments in single precision; and a step that keeps little and computes it again."""
        return _UNET + self.rank * _PARAMETERS_A_RANK * 16 + _WORK * (self.resolution / 1024) ** 2


@dataclass(frozen=True, slots=True)
class TrainingJob:
    """`pictures`: a folder of pictures, each with a text of the same stem. `models` is as in a request of the SDXL
    renderer: digests of `base`, and of `config` and `vae` where there are any, and the number type. `device` and
    `memory` say where, and decide nothing. `title` and `trigger_word` are noted in the file."""

    pictures: Path
    models: Mapping[str, Any]
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    title: str = ""
    trigger_word: str = ""
    device: str = "auto"
    memory: str = "auto"

    def components(self) -> dict[str, Any]:
        """All that decides the LoRA beside the pictures, as JSON."""
        return {"trainer": "sdxl-lora", "epoch": EPOCH, "settings": self.settings.components(),
                "models": dict(self.models), "title": self.title, "trigger_word": self.trigger_word}


@dataclass(frozen=True, slots=True)
class Trained:
    """`lora` is a safetensors file, `curve` a PNG of the loss, `record` what is worth keeping of the training as
    JSON."""

    lora: bytes
    curve: bytes
    record: Mapping[str, Any]
