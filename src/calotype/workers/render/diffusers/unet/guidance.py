"""Guidance rescaled where a pipeline does not do it itself: those with ControlNets.

Lin et al. 2023 (arXiv 2305.08891, section 3.4): the guided prediction gets the spread of the one that the prompt alone
gives, mixed with itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any


@contextmanager
def rescaled(pipe: Any, amount: float) -> Iterator[None]:
    """Within it a call of `pipe` with guidance is rescaled by `amount`, 0 to 1. Its scheduler is this call's own."""
    if not amount:
        yield
        return
    from diffusers.pipelines.stable_diffusion_xl import pipeline_stable_diffusion_xl

    rescale: Any = pipeline_stable_diffusion_xl.rescale_noise_cfg
    predictions: list[Any] = []
    step = pipe.scheduler.step

    @wraps(step)  # pipelines look at its parameters
    def rescaled_step(guided: Any, *arguments: Any, **named: Any) -> Any:
        _, by_prompt = predictions[0].chunk(2)
        return step(rescale(guided, by_prompt, guidance_rescale=amount), *arguments, **named)

    def note(module: Any, arguments: Any, output: Any) -> None:
        predictions[:] = [output[0]]

    hook = pipe.unet.register_forward_hook(note)
    pipe.scheduler.step = rescaled_step
    try:
        yield
    finally:
        hook.remove()
