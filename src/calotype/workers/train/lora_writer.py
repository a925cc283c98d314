"""A trained LoRA as the file that is published: kohya's names, which every program reads that draws with SDXL.

Alpha stands beside each layer and in the header, so that no reader takes another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.workers.train.adapter import TrainedAdapter
from calotype.workers.train.tensor_file import packed
from calotype.workers.train.training_job import TrainingJob


def lora_file(adapter: TrainedAdapter, job: TrainingJob) -> bytes:
    """The safetensors file of `adapter`."""
    import torch

    tensors: dict[str, Any] = {}
    for layer, (first, second) in adapter.layers().items():
        name = f"lora_unet_{layer.replace('.', '_')}"
        tensors[f"{name}.lora_down.weight"], tensors[f"{name}.lora_up.weight"] = first, second
        tensors[f"{name}.alpha"] = torch.tensor(adapter.strength)
    return packed(tensors, _notes(job))


def _notes(job: TrainingJob) -> Mapping[str, str]:
    """The header, in kohya's and in Stability's (ModelSpec) words."""
    settings = job.settings
    notes = {
        "ss_network_module": "networks.lora", "ss_network_dim": str(settings.rank),
        "ss_network_alpha": f"{settings.strength:g}", "ss_base_model_version": "sdxl_base_v1-0",
        "ss_learning_rate": f"{settings.learning_rate:g}", "ss_max_train_steps": str(settings.steps),
        "ss_seed": str(settings.seed), "ss_unet_lr": f"{settings.learning_rate:g}",
        "modelspec.sai_model_spec": "1.0.0", "modelspec.architecture": "stable-diffusion-xl-v1-base/lora",
        "modelspec.implementation": "diffusers", "modelspec.title": job.title,
        "modelspec.trigger_phrase": job.trigger_word,
        "modelspec.resolution": f"{settings.resolution}x{settings.resolution}",
    }
    return {name: text for name, text in notes.items() if text}
