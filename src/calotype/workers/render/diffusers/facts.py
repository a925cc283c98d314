"""What is worth recording of a render beside its pixels."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("torch", "diffusers", "transformers", "peft", "compel")}


def device_name(device: Any) -> str:
    """`cuda: NVIDIA H100`, `cpu`."""
    if device.type != "cuda":
        return str(device.type)
    import torch

    return f"cuda: {torch.cuda.get_device_name(device)}"


def reset_peak(device: Any) -> None:
    if device.type == "cuda":
        import torch

        torch.cuda.reset_peak_memory_stats(device)


def peak(device: Any) -> int | None:
    """The most bytes of the device's memory in use since `reset_peak`; None where nobody counts them."""
    if device.type != "cuda":
        return None
    import torch

    return int(torch.cuda.max_memory_allocated(device))
