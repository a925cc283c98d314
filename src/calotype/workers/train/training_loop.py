"""Step after step: noise on a picture, what the U-Net says of it, and the matrices moved by how far that is off.

The loss is that of DDPM (Ho 2020, arXiv 2006.11239): the mean squared distance to the noise, or to the velocity of a
model that predicts these. The optimizer is AdamW, the learning rate constant, the gradient clipped at a norm of 1.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from calotype.workers.protocol import Tell
from calotype.workers.render.diffusers import facts
from calotype.workers.render.diffusers.errors import Cancelled, Refused
from calotype.workers.train.encoded_set import Example
from calotype.workers.train.step_draws import picture_at, time_and_noise
from calotype.workers.train.train_checkpoint import Progress, TrainCheckpoint
from calotype.workers.train.training_job import TrainingSettings

CLIPPED = 1.0


class Diverged(Refused):
    """What is trained is no number any more."""

    def __init__(self, step: int) -> None:
        super().__init__(f"the training left the numbers at step {step}: its loss is NaN or infinite",
                         "lower `learning_rate`; 1e-4 suits most sets")


class TrainingLoop:
    """Trains `matrices` of `unet` on `examples`. `noising` is the schedule of the base model."""

    def __init__(
        self, unet: Any, matrices: Mapping[str, Any], noising: Any, examples: Sequence[Example],
        settings: TrainingSettings,
    ) -> None:
        import torch

        self._unet, self._matrices, self._noising = unet, matrices, noising
        self._examples, self._settings = examples, settings
        self._device, self._dtype = unet.device, next(
            value for name, value in unet.named_parameters() if name not in matrices).dtype
        self._half = self._dtype != torch.float32
        self.optimizer = torch.optim.AdamW(list(matrices.values()), lr=settings.learning_rate)
        self.scaler = torch.amp.GradScaler(self._device.type, enabled=self._dtype == torch.float16)

    def run(
        self, checkpoint: TrainCheckpoint, progress: Progress, cancel: Callable[[], bool], tell: Tell,
        step: Callable[[int], float],
    ) -> None:
        """Takes the steps that `progress` lacks by `step(number)`, which gives the loss, and keeps them in
        `checkpoint`. Raises Cancelled when all that was done is kept, and Diverged where the loss is no number."""
        steps, every = self._settings.steps, self._settings.checkpoint_every
        began = time.perf_counter()
        while len(progress.losses) < steps:
            loss = step(len(progress.losses))
            if not math.isfinite(loss):
                raise Diverged(len(progress.losses) + 1)
            progress.losses.append(loss)
            done, stopped = len(progress.losses), cancel()
            tell("train.step", step=done, steps=steps, loss=round(loss, 6))
            if stopped or done == steps or done % every == 0:
                progress.seconds += time.perf_counter() - began
                self.keep(checkpoint, progress)
                began = time.perf_counter()
            if stopped:
                raise Cancelled

    def keep(self, checkpoint: TrainCheckpoint, progress: Progress) -> None:
        progress.peak = max(filter(None, (progress.peak, facts.peak(self._device))), default=None)
        checkpoint.save(self._matrices, self.optimizer, self.scaler, progress)

    def step(self, number: int) -> float:
        """One step, by its number from 0. Returns the loss."""
        import torch

        example = self._examples[picture_at(number, len(self._examples), self._settings.seed)]
        with torch.autocast(self._device.type, self._dtype, enabled=self._half):
            loss = self._loss(example, number)
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        torch.nn.utils.clip_grad_norm_(self._matrices.values(), CLIPPED)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        return float(loss.detach())

    def _loss(self, example: Example, number: int) -> Any:
        from torch.nn.functional import mse_loss

        latents = example.latents
        timestep, noise = time_and_noise(
            number, tuple(latents.shape), self._noising.config.num_train_timesteps, self._settings.seed)
        timestep, noise = timestep.to(self._device), noise.to(self._device)
        noisy = self._noising.add_noise(latents, noise, timestep)
        predicted = self._unet(
            noisy.to(self._dtype), timestep, example.texts.to(self._dtype), return_dict=False,
            added_cond_kwargs={"text_embeds": example.pooled.to(self._dtype), "time_ids": example.sizes})[0]
        target = noise
        if self._noising.config.prediction_type == "v_prediction":
            target = self._noising.get_velocity(latents, noise, timestep)
        return mse_loss(predicted.float(), target)
