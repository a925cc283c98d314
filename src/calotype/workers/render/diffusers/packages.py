"""Packages that single options need beside the extra, and whether they are installed. No torch here."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from typing import Any

_OF_SCHEDULERS = {"DPMSolverSDEScheduler": "torchsde", "LMSDiscreteScheduler": "scipy"}


def for_scheduler(name: str, args: Mapping[str, Any]) -> str | None:
    """The package that a scheduler of diffusers needs and that is not installed."""
    needs = "scipy" if args.get("use_beta_sigmas") else _OF_SCHEDULERS.get(name)
    return needs if needs is not None and importlib.util.find_spec(needs) is None else None


def for_watermark() -> str | None:
    """The package that the invisible watermark needs, where it is not installed."""
    return "invisible-watermark" if importlib.util.find_spec("imwatermark") is None else None


def told_of_scheduler(name: str, lacking: str) -> tuple[str, str]:
    return (f"`{name}` needs the package {lacking}, which is not installed",
            f"pip install {lacking}, or take another scheduler")


def told_of_watermark(lacking: str) -> tuple[str, str]:
    return (f"`watermark: true` needs the package {lacking}, which is not installed",
            f"pip install {lacking}, or leave `watermark` out of `models`")


def lacking(request: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The field of a request that asks for a package that is not installed, why, and what to do about it."""
    scheduler = request["scheduler"]
    if package := for_scheduler(scheduler["name"], scheduler["args"]):
        yield "scheduler", *told_of_scheduler(scheduler["name"], package)
    if request["models"].get("watermark") and (package := for_watermark()):
        yield "models.watermark", *told_of_watermark(package)
