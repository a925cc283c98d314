"""Whether this machine can render with SDXL: packages, device, and what each preset needs.

It imports torch, so it is asked by `calotype doctor` alone, and only for a project whose images this renderer makes.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any

from calotype.ground.finding import Finding
from calotype.ground.sizes import size_text
from calotype.workers.render.diffusers import packages
from calotype.workers.render.diffusers.renderer_settings import Settings

WORK = 3.0e9
"""Bytes that one image of 1024 x 1024 needs beside the weights, in half precision: from diffusers' own measurements."""
PARTS = 5.2e9
"""Bytes of the largest part of SDXL in half precision, its U-Net: all that must be on the device at once."""


def findings(
    names: Sequence[str], settings: Settings, presets: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    """`names` are the packages that every render needs."""
    yield _packages(names)
    if settings.watermark and (lacking := packages.for_watermark()):
        yield Finding("watermark", "error", *packages.told_of_watermark(lacking))
    kind, memory = yield from _device(settings.device)
    yield from (_preset(name, values, kind, memory) for name, values in presets.items())


def _packages(names: Sequence[str]) -> Finding:
    versions = {name: _version(name) for name in names}
    lacking = [name for name, version in versions.items() if version is None]
    if lacking:
        return Finding("extra sdxl", "error", f"without {', '.join(lacking)}", "pip install 'calotype[sdxl]'")
    return Finding("extra sdxl", "ok", ", ".join(f"{name} {version}" for name, version in versions.items()))


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _device(device: str) -> Generator[Finding, None, tuple[str, int]]:
    """Yields what renders, and returns (its kind, its memory in bytes). `device`: auto, cpu, mps, cuda or cuda:N."""
    try:
        import torch
    except ImportError:
        return "none", 0
    kind = device.partition(":")[0]
    if kind == "auto":
        kind = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if kind == "cuda" and torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        name = torch.cuda.get_device_name()
        yield Finding("device", "ok", f"cuda: {name}, {size_text(total)}, {size_text(free)} free")
        return kind, total
    memory = _memory()
    detail = f"{kind}, {size_text(memory)} of memory"
    slow = kind == "cpu"
    hint = "a CPU takes minutes an image at full size" if slow else None
    yield Finding("device", "warning" if slow else "ok", detail, hint)
    return kind, memory


def _memory() -> int:
    import os

    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 0


def _preset(name: str, values: Mapping[str, Any], device: str, memory: int) -> Finding:
    """What a preset needs: a package that its scheduler uses; the weights of half precision that are loaded for it, and
    room for an image of its size."""
    scheduler = str(values.get("scheduler", ""))
    if lacking := packages.for_scheduler(scheduler, values.get("scheduler_args", {})):
        return Finding(f"preset {name}", "error", *packages.told_of_scheduler(scheduler, lacking))
    width, height = values.get("size", (1024, 1024))
    work = WORK * width * height / 1024**2 * (2 if device == "cpu" else 1)
    whole = (6.94e9 + (4.52e9 if values.get("refiner") else 0)) * (2 if device == "cpu" else 1) + work
    least = PARTS + work if device != "cpu" else whole
    detail = f"{width}x{height}: about {size_text(round(whole))}, at least {size_text(round(least))} (by SDXL's size)"
    if memory and memory < least:
        return Finding(f"preset {name}", "warning", f"{detail}: more than there is", "take a smaller size")
    return Finding(f"preset {name}", "ok", detail)
