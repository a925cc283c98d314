"""The matrices of a LoRA on a U-Net, by peft: two for each attention projection, in float32."""

from __future__ import annotations

from typing import Any

from calotype.workers.train.step_draws import generator
from calotype.workers.train.training_job import TrainingSettings

PROJECTIONS = ("to_q", "to_k", "to_v", "to_out.0")
NAME = "trained"
_FIRST, _SECOND = f".lora_A.{NAME}.weight", f".lora_B.{NAME}.weight"


class TrainedAdapter:
    """The LoRA on `unet`, which is frozen. It begins as one that changes nothing: the second matrix of each layer is
    zero."""

    def __init__(self, unet: Any, settings: TrainingSettings) -> None:
        import torch
        from peft import LoraConfig

        unet.requires_grad_(False)
        alpha: Any = settings.strength  # peft says that it is whole, and takes any number
        config = LoraConfig(
            r=settings.rank, lora_alpha=alpha, target_modules=list(PROJECTIONS), use_rslora=False)
        with torch.random.fork_rng(devices=[]):
            unet.add_adapter(config, adapter_name=NAME)
        self.strength = settings.strength
        self.matrices: dict[str, Any] = {
            name: value for name, value in unet.named_parameters() if name.endswith((_FIRST, _SECOND))}
        for number, (name, value) in enumerate(sorted(self.matrices.items())):
            value.data = _beginning(name, value, settings.seed, number)
            value.requires_grad_(True)

    def layers(self) -> dict[str, tuple[Any, Any]]:
        """Both matrices of each layer, by its name in the U-Net: (rank, in) and (out, rank)."""
        return {name.removesuffix(_FIRST): (value, self.matrices[name.removesuffix(_FIRST) + _SECOND])
                for name, value in self.matrices.items() if name.endswith(_FIRST)}

    def is_finite(self) -> bool:
        import torch

        return all(bool(torch.isfinite(value).all()) for value in self.matrices.values())


def _beginning(name: str, value: Any, seed: int, number: int) -> Any:
    """The first matrix as peft begins it (uniform, by its width), from the seed alone; the second zero."""
    import torch

    if name.endswith(_SECOND):
        return torch.zeros(value.shape, device=value.device)
    matrix = torch.empty(value.shape)
    torch.nn.init.kaiming_uniform_(matrix, a=5 ** 0.5, generator=generator("matrix", seed, number))
    return matrix.to(value.device)
