"""Schedulers by their class in diffusers, made afresh for each call."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from calotype.ground.diagnostics import did_you_mean
from calotype.workers.render.diffusers import packages
from calotype.workers.render.diffusers.errors import Refused

FLOW = ("FlowMatchEulerDiscreteScheduler", "FlowMatchLCMScheduler")
"""Those of diffusers that take the steps which pipelines of flow matching ask for."""
OWN = "own"
"""The name that asks for the scheduler that comes with the model."""


def own_or_named(
    own: Any, wanted: Mapping[str, Any], seeds: Sequence[int], names: Sequence[str] | None = None
) -> Any:
    """A scheduler as a request has it, `name` and `args`, for images of these seeds: of the class of the model's `own`
    or of one of `names` (of diffusers' own families for pictures, if left out), from the own one's config, with the
    arguments over it. Raises Refused for a name that is none of these, for arguments that it does not take, and where
    it lacks a package."""
    name, args, config = wanted["name"], wanted["args"], own.config
    if name == OWN:
        name = type(own).__name__
    elif name not in (offered := _names() if names is None else names):
        raise _unknown(name, offered, names)
    if lacking := packages.for_scheduler(name, args):
        raise Refused(*packages.told_of_scheduler(name, lacking))
    kind = type(own) if wanted["name"] == OWN else _class(name)
    _check(kind, args, config)
    if name == "DPMSolverSDEScheduler":  # its noise is a Brownian tree of its own, for each image
        args = {"noise_sampler_seed": list(seeds), **args}
    try:
        return kind.from_config(config, **args)
    except (ValueError, TypeError, NotImplementedError) as failure:
        raise Refused(f"`{name}` cannot be made: {failure}", "see `scheduler_args` of the preset") from failure


def _unknown(name: str, offered: Collection[str], names: Sequence[str] | None) -> Refused:
    if names is None or name not in _names():
        return Refused(f"diffusers has no scheduler `{name}`", did_you_mean(name, sorted(offered)))
    return Refused(f"`{name}` does not draw with this model", f"it takes {', '.join(names)}, or `own`")


def _check(kind: Any, args: Mapping[str, Any], config: Mapping[str, Any]) -> None:
    """Raises Refused for arguments that a scheduler does not take, and for one that cannot serve a model of this
    `config`."""
    name, known = kind.__name__, _parameters(kind)
    unknown = [argument for argument in args if argument not in known]
    if unknown:
        raise Refused(f"`{name}` takes no argument `{unknown[0]}`",
                      did_you_mean(unknown[0], sorted(known)) or "see `scheduler_args` of the preset")
    if config.get("rescale_betas_zero_snr") and "rescale_betas_zero_snr" not in known:
        raise Refused(f"`{name}` cannot begin at pure noise, as the base model was trained to",
                      "take EulerDiscreteScheduler, DDIMScheduler or DPMSolverMultistepScheduler")


def _class(name: str) -> Any:
    import diffusers

    return getattr(diffusers, name)


@cache
def _names() -> frozenset[str]:
    """The schedulers that diffusers exports for its PyTorch pipelines; nothing else is ever looked up by name."""
    from diffusers.schedulers.scheduling_utils import KarrasDiffusionSchedulers

    return frozenset(member.name for member in KarrasDiffusionSchedulers) | {
        "LCMScheduler", "TCDScheduler", "DDPMScheduler", "EDMEulerScheduler", "EDMDPMSolverMultistepScheduler"}


@cache
def _parameters(kind: Any) -> frozenset[str]:
    import inspect

    return frozenset(inspect.signature(kind.__init__).parameters) - {"self"}
