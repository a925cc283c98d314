"""Schedulers by their class in diffusers, made afresh for each call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from calotype.ground.diagnostics import did_you_mean
from calotype.workers.render.diffusers import packages
from calotype.workers.render.diffusers.errors import Refused


def scheduler(name: str, args: Mapping[str, Any], config: Mapping[str, Any], seeds: Sequence[int]) -> Any:
    """A scheduler of the class `name` from a model's own `config`, with `args` over it, for images of these seeds.
    Raises Refused for a name that is no scheduler of diffusers, for arguments that it does not take, and where it lacks
    a package."""
    names = _names()
    if name not in names:
        raise Refused(f"diffusers has no scheduler `{name}`", did_you_mean(name, sorted(names)))
    if lacking := packages.for_scheduler(name, args):
        raise Refused(*packages.told_of_scheduler(name, lacking))
    import diffusers

    kind = getattr(diffusers, name)
    unknown = [argument for argument in args if argument not in _parameters(name)]
    if unknown:
        raise Refused(f"`{name}` takes no argument `{unknown[0]}`",
                      did_you_mean(unknown[0], sorted(_parameters(name))) or "see `scheduler_args` of the preset")
    if config.get("rescale_betas_zero_snr") and "rescale_betas_zero_snr" not in _parameters(name):
        raise Refused(f"`{name}` cannot begin at pure noise, as the base model was trained to",
                      "take EulerDiscreteScheduler, DDIMScheduler or DPMSolverMultistepScheduler")
    if name == "DPMSolverSDEScheduler":  # its noise is a Brownian tree of its own, for each image
        args = {"noise_sampler_seed": list(seeds), **args}
    try:
        return kind.from_config(config, **args)
    except (ValueError, TypeError, NotImplementedError) as failure:
        raise Refused(f"`{name}` cannot be made: {failure}", "see `scheduler_args` of the preset") from failure


@cache
def _names() -> frozenset[str]:
    """The schedulers that diffusers exports for its PyTorch pipelines; nothing else is ever looked up by name."""
    from diffusers.schedulers.scheduling_utils import KarrasDiffusionSchedulers

    return frozenset(member.name for member in KarrasDiffusionSchedulers) | {
        "LCMScheduler", "TCDScheduler", "DDPMScheduler", "EDMEulerScheduler", "EDMDPMSolverMultistepScheduler"}


@cache
def _parameters(name: str) -> frozenset[str]:
    import inspect

    import diffusers

    return frozenset(inspect.signature(getattr(diffusers, name).__init__).parameters) - {"self"}
