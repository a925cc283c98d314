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
