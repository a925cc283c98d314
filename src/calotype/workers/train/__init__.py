"""A LoRA of SDXL's U-Net, trained on pictures with captions.

Nothing heavy is imported here: torch and diffusers are imported by the first `train`.

    training_job       what decides a LoRA, and what comes of a training    (no torch)
    training_pictures  the folder that is learnt: pictures and captions     (no torch)
    encoded_set        what the U-Net sees of them, computed once
    step_draws         the order, the noise and the time of each step, from seed and number alone
    adapter            the matrices that are trained
    training_loop      step after step
    train_checkpoint   where a training goes on after a kill
    tensor_file        tensors as bytes, the same each time
    lora_writer        the file that is published
    loss_curve         the loss as a picture
    trainer            a training from first to last
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from calotype.workers.protocol import Tell, silent
from calotype.workers.train.training_job import Trained, TrainingJob


def train(
    job: TrainingJob, inputs: Mapping[str, Path], checkpoint: Path,
    cancel: Callable[[], bool] = lambda: False, tell: Tell = silent,
) -> Trained:
    """Trains as `job` says, with the weights at `inputs` by their digests, or goes on where `checkpoint` stands.

    Raises Refused for what cannot be trained, and Cancelled once `cancel()` is true: the file `checkpoint` then holds
    all that was done. Events: `train.step` with `step`, `steps` and `loss`, and those of loading a model.
    """
    from calotype.workers.train.trainer import Trainer

    return Trainer(job, inputs, checkpoint, cancel, tell).train()


__all__ = ["Trained", "TrainingJob", "train"]
