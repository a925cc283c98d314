"""Sets of pictures to train on, and jobs over the tiny models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

import sdxl
from calotype.workers.train import Trained, TrainingJob, train
from calotype.workers.train.training_job import TrainingSettings

MODELS = {"base": sdxl.digest("base"), "dtype": "float32"}


def write_set(folder: Path, count: int = 8, size: int = 64, colour: tuple[int, int, int] = (200, 40, 20)) -> Path:
    """Pictures of about one colour, each with a caption."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        shade = tuple(min(255, max(0, value + 3 * number)) for value in colour)
        Image.new("RGB", (size, size), shade).save(folder / f"{number:02}.png")
        (folder / f"{number:02}.txt").write_text(f"luca, a figure standing {number}\n", encoding="utf-8")
    return folder


def job(folder: Path, **settings: Any) -> TrainingJob:
    chosen = {"steps": 6, "rank": 4, "resolution": 64, "learning_rate": 1e-3, "seed": 3, "checkpoint_every": 2}
    return TrainingJob(folder, MODELS, TrainingSettings(**{**chosen, **settings}), "Luca", "luca", "cpu")


def trained(
    work: TrainingJob, checkpoint: Path, cancel: Callable[[], bool] = lambda: False,
    tell: Callable[..., None] = lambda kind, **fields: None, inputs: Mapping[str, Path] | None = None,
) -> Trained:
    return train(work, inputs or sdxl.inputs(), checkpoint, cancel, tell)
