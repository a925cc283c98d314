"""Latents to pictures, each checked before it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from calotype.ground.troubleshooting import FLAT_PICTURE, see
from calotype.workers.render.diffusers.errors import Refused

FLAT = 1.0
"""Levels (of 255) that the samples of a picture must spread, by their standard deviation. A plain sky spreads more."""


def decode(
    pipe: Any, latents: Any, samples_of: Callable[[Any], Any], finished: Callable[[Any, Any], Any]
) -> tuple[list[Any], list[bool]]:
    """The pictures of a batch of latents, and of each whether its VAE had to work in float32. `samples_of(latent)`
    decodes one, `finished(pipe, samples)` makes the picture.

    A picture that comes out as not-a-number or flat, which half precision does to SDXL's own VAE, is decoded again in
    float32.
    """
    import torch

    made, again = [], []
    for number in range(latents.shape[0]):
        latent = latents[number:number + 1]
        samples = samples_of(latent)
        failed = _is_wrong(samples) and _is_sound(latent)
        if failed:
            with in_float32(pipe.vae):
                samples = samples_of(latent)
        again.append(failed)
        made.append(samples)
    return [finished(pipe, torch.nan_to_num(samples)) for samples in made], again


@contextmanager
def in_float32(vae: Any) -> Iterator[None]:
    """Within it `vae` works in float32, whatever its number type."""
    import torch

    dtype = vae.dtype
    if dtype != torch.float32:
        vae.to(dtype=torch.float32)
    try:
        yield
    finally:
        if vae.dtype != dtype:
            vae.to(dtype=dtype)


def check(picture: Any) -> None:
    """Raises Refused for a picture that shows nothing."""
    import numpy as np

    if np.asarray(picture).std() < FLAT:
        cure = f"try another seed, more steps, or `models: {{dtype: float32}}`; {see(FLAT_PICTURE)}"
        raise Refused("the model gave a flat picture", cure)


def _is_sound(latents: Any) -> bool:
    import torch

    return bool(torch.isfinite(latents).all())


def _is_wrong(samples: Any) -> bool:
    import torch

    return not bool(torch.isfinite(samples).all()) or float(samples.float().std()) * 127.5 < FLAT


def unsafe(checker: tuple[Any, Any], pictures: Sequence[Any]) -> list[bool]:
    """Of each picture, whether the safety checker holds it for unsafe."""
    import numpy as np

    model, prepared = checker
    pixels = prepared(list(pictures), return_tensors="pt").pixel_values
    samples = np.stack([np.asarray(picture, dtype=np.float32) / 255 for picture in pictures])
    _, flags = model(images=samples, clip_input=pixels.to(next(model.parameters())))
    return [bool(flag) for flag in flags]
