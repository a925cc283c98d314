"""Whether this machine can render with SDXL: packages, device, models, and what each preset needs. Must not render.

It imports torch, so it is asked only by `doctor`, and only for a project that reads models.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any

from calotype.project.answers import Finding
from calotype.queries.weights import ModelRow

EXTRAS = {
    "sdxl": ("torch", "diffusers", "transformers", "accelerate", "safetensors", "peft", "compel"),
    "control": ("controlnet_aux", "opencv-python-headless"),
}
WORK = 3.0e9
"""Bytes that one image of 1024 x 1024 needs beside the weights, in half precision: from diffusers' own measurements."""
PARTS = 5.2e9
"""Bytes of the largest part of SDXL in half precision, its U-Net: all that must be on the device at once."""


def findings(
    models: Sequence[ModelRow], presets: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]
) -> Iterator[Finding]:
    yield from _extras()
    device, memory = yield from _device(str(settings.get("device", "auto")))
    yield from map(_model, models)
    yield from (_preset(name, values, device, memory) for name, values in presets.items())


def _extras() -> Iterator[Finding]:
    for extra, packages in EXTRAS.items():
        lacking = [name for name in packages if _version(name) is None]
        told = ", ".join(f"{name} {_version(name)}" for name in packages if _version(name))
        yield Finding(f"extra {extra}", "error" if lacking and extra == "sdxl" else "warning" if lacking else "ok",
                      f"without {', '.join(lacking)}" if lacking else told,
                      f"pip install 'calotype[{extra}]'" if lacking else None)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _device(asked: str) -> Any:
    """Yields what renders, and returns (its kind, its memory in bytes)."""
    try:
        import torch
    except ImportError:
        return "none", 0
    kind = asked.partition(":")[0]
    if kind == "auto":
        kind = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if kind == "cuda" and torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        name = torch.cuda.get_device_name()
        yield Finding("device", "ok", f"cuda: {name}, {total / 1e9:.0f} GB, {free / 1e9:.0f} GB free")
        return kind, total
    memory = _memory()
    told = f"{kind}, {memory / 1e9:.0f} GB of memory"
    slow = kind == "cpu"
    hint = "a CPU takes minutes an image at full size" if slow else None
    yield Finding("device", "warning" if slow else "ok", told, hint)
    return kind, memory


def _memory() -> int:
    import os

    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0


def _model(row: ModelRow) -> Finding:
    size = "size unknown" if row.size is None else _size(row.size)
    read = f"read by {row.images} image{'s' * (row.images != 1)}"
    if row.place != "missing":
        return Finding(f"model {row.name}", "ok", f"{size}, {row.place}, {read}")
    hint = f"calotype models pull {row.name.partition('@')[0].partition(':')[0]}"
    return Finding(f"model {row.name}", "error", f"missing ({size}), {read}", hint)


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _preset(name: str, values: Mapping[str, Any], device: str, memory: int) -> Finding:
    """What a preset needs: the weights of half precision that are loaded for it, and room for an image of its size."""
    width, height = values.get("size", (1024, 1024))
    work = WORK * width * height / 1024**2 * (2 if device == "cpu" else 1)
    whole = (6.94e9 + (4.52e9 if values.get("refiner") else 0)) * (2 if device == "cpu" else 1) + work
    least = PARTS + work if device != "cpu" else whole
    told = f"{width}x{height}: about {whole / 1e9:.0f} GB, at least {least / 1e9:.0f} GB (by SDXL's size)"
    if memory and memory < least:
        return Finding(f"preset {name}", "warning", f"{told}: more than there is", "take a smaller size")
    return Finding(f"preset {name}", "ok", told)
