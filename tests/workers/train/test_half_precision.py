"""A base model in half precision: matrices stay in float32, and a training goes on as if nothing had been."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import tiny
from calotype.workers.train.adapter import TrainedAdapter
from calotype.workers.train.encoded_set import Example
from calotype.workers.train.train_checkpoint import Progress, TrainCheckpoint
from calotype.workers.train.training_job import TrainingSettings
from calotype.workers.train.training_loop import TrainingLoop


def training(dtype: torch.dtype, steps: int) -> tuple[TrainedAdapter, TrainingLoop]:
    from diffusers import DDPMScheduler, UNet2DConditionModel

    with torch.random.fork_rng():
        torch.manual_seed(1)
        unet: Any = UNet2DConditionModel(**tiny.UNET)
        for value in unet.parameters():
            value.data = value.data.to(dtype)
        examples = [Example(torch.randn(1, 4, 8, 8), torch.randn(1, 77, tiny.CROSS), torch.randn(1, 32),
                            torch.tensor([[64, 64, 0, 0, 64, 64]])) for _ in range(3)]
    settings = TrainingSettings(steps=steps, rank=4, checkpoint_every=2)
    adapter = TrainedAdapter(unet.train(), settings)
    noising = DDPMScheduler(beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012)
    return adapter, TrainingLoop(unet, adapter.matrices, noising, examples, settings)


def run(loop: TrainingLoop, checkpoint: TrainCheckpoint, progress: Progress) -> list[float]:
    loop.run(checkpoint, progress, lambda: False, lambda kind, **fields: None, loop.step)
    return progress.losses


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_trains_matrices_in_float32_and_resumes_to_the_same(tmp_path: Path, dtype: torch.dtype) -> None:
    whole, loop = training(dtype, steps=6)
    losses = run(loop, TrainCheckpoint(tmp_path / "whole", "key"), Progress([]))
    assert {value.dtype for value in whole.matrices.values()} == {torch.float32} and whole.is_finite()
    assert any(bool(second.any()) for _, second in whole.layers().values())
    checkpoint = TrainCheckpoint(tmp_path / "parts", "key")
    run(training(dtype, steps=4)[1], checkpoint, Progress([]))
    parts, resumed = training(dtype, steps=6)
    progress = checkpoint.restore(parts.matrices, resumed.optimizer, resumed.scaler)
    assert progress is not None and len(progress.losses) == 4
    assert run(resumed, checkpoint, progress) == losses
    assert all(torch.equal(value, parts.matrices[name]) for name, value in whole.matrices.items())
    assert resumed.scaler.state_dict() == loop.scaler.state_dict()
    assert bool(loop.scaler.state_dict()) == (dtype == torch.float16)  # gradients of float16 are scaled up
