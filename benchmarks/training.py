"""Training a LoRA: what our loop adds to a step of the bare loop of diffusers and peft, in one process, taking turns.

    python benchmarks/training.py                   # seven pairs of 100 steps each; a minute or two

Both train the same layers of the same small, random U-Net on the same latents with the same optimizer. Ours draws by
seed and step, tells each step, and keeps all of it every 100 steps. Medians of paired ratios of processor time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "tests")]
EVERY = 100


def unet() -> Any:
    import torch
    from diffusers import UNet2DConditionModel

    import tiny

    torch.manual_seed(1)
    return UNet2DConditionModel(**{
        **tiny.UNET, "block_out_channels": (64, 128), "attention_head_dim": (4, 8), "sample_size": 16,
        "transformer_layers_per_block": (1, 2)}).train()


def examples(count: int) -> list[Any]:
    import torch

    import tiny
    from calotype.workers.train.encoded_set import Example

    torch.manual_seed(2)
    return [Example(torch.randn(1, 4, 16, 16), torch.randn(1, 77, tiny.CROSS), torch.randn(1, 32),
                    torch.tensor([[128, 128, 0, 0, 128, 128]])) for _ in range(count)]


def ours(folder: Path) -> Callable[[int], None]:
    """Steps by our loop: called with how many are to be done in all."""
    from calotype.workers.train.adapter import TrainedAdapter
    from calotype.workers.train.train_checkpoint import Progress, TrainCheckpoint
    from calotype.workers.train.training_job import TrainingSettings
    from calotype.workers.train.training_loop import TrainingLoop

    model, progress, checkpoint = unet(), Progress([]), TrainCheckpoint(folder / "checkpoint", "key")
    adapter = TrainedAdapter(model, TrainingSettings())

    def run(steps: int) -> None:
        loop._settings = TrainingSettings(steps=steps, checkpoint_every=EVERY)
        loop.run(checkpoint, progress, lambda: False, lambda kind, **fields: None, loop.step)

    loop = TrainingLoop(model, adapter.matrices, noising(), examples(20), TrainingSettings())
    return run


def bare() -> Callable[[int], None]:
    """Steps as the scripts of diffusers take them: the same settings, nothing told, nothing kept."""
    import torch
    from peft import LoraConfig

    model, schedule, learnt = unet(), noising(), examples(20)
    model.requires_grad_(False)
    model.add_adapter(LoraConfig(r=16, lora_alpha=16, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
    parameters = [value for value in model.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=1e-4)
    done = 0

    def run(steps: int) -> None:
        nonlocal done
        while done < steps:
            example = learnt[done % len(learnt)]
            noise, times = torch.randn_like(example.latents), torch.randint(0, 1000, (1,))
            predicted = model(
                schedule.add_noise(example.latents, noise, times), times, example.texts, return_dict=False,
                added_cond_kwargs={"text_embeds": example.pooled, "time_ids": example.sizes})[0]
            loss = torch.nn.functional.mse_loss(predicted.float(), noise.float())
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            optimizer.zero_grad()
            loss.item()
            done += 1

    return run


def noising() -> Any:
    from diffusers import DDPMScheduler

    import tiny

    return DDPMScheduler(**{name: tiny.SCHEDULER[name] for name in (
        "beta_start", "beta_end", "beta_schedule", "num_train_timesteps")})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as name:
        loops = {"ours": ours(Path(name)), "bare": bare()}
        seconds: dict[str, list[float]] = {who: [] for who in loops}
        for number in range(1, arguments.rounds + 2):
            for who in list(loops) if number % 2 else reversed(list(loops)):
                started = time.process_time()
                loops[who](number * EVERY)
                seconds[who].append(time.process_time() - started)
    pairs = list(zip(seconds["ours"][1:], seconds["bare"][1:], strict=True))  # the first warms both up
    ratio = statistics.median(left / right for left, right in pairs)
    step = statistics.median(right for _, right in pairs) / EVERY * 1000
    print(f"a step of the bare loop {step:.1f} ms, ours {(ratio - 1) * 100:+.1f} % "
          f"({(ratio - 1) * step:+.2f} ms; reach +3 %), {arguments.rounds} pairs of {EVERY} steps")


if __name__ == "__main__":
    main()
