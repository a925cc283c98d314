"""Latents to pictures, each looked at before it leaves. Must not know how latents came to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from calotype.workers.render.sdxl.errors import Refused

FLAT = 1.0
"""Levels (of 255) that the samples of a picture must spread, by their standard deviation. A plain sky spreads more."""


def decode(pipe: Any, latents: Any) -> tuple[list[Any], list[bool]]:
    """The pictures of a batch of latents, and of each whether its VAE had to work in float32.

    A picture that comes out as not-a-number or flat, which half precision does to SDXL's own VAE, is decoded again in
    float32.
    """
    pictures, again = [], []
    for number in range(latents.shape[0]):
        one = latents[number:number + 1]
        samples = _samples(pipe, one, whole=False)
        wrong = _is_wrong(samples) and _is_sound(one)
        if wrong:
            samples = _samples(pipe, one, whole=True)
        again.append(wrong)
        pictures.append(samples)
    return [_picture(pipe, samples) for samples in pictures], again


def check(picture: Any) -> None:
    """Raises Refused for a picture that shows nothing."""
    import numpy as np

    if np.asarray(picture).std() < FLAT:
        raise Refused("the model gave a flat picture", "try another seed, more steps, or `models: {dtype: float32}`")


def _samples(pipe: Any, latents: Any, whole: bool) -> Any:
    """(1, 3, height, width), about -1 to 1. `whole`: in float32, whatever the VAE's number type."""
    import torch

    vae = pipe.vae
    kept = vae.dtype
    upcast = whole or (kept == torch.float16 and vae.config.force_upcast)
    if upcast and kept != torch.float32:
        vae.to(dtype=torch.float32)
    try:
        scaled = latents.to(next(vae.post_quant_conv.parameters()).dtype) / vae.config.scaling_factor
        return vae.decode(scaled, return_dict=False)[0]
    finally:
        if vae.dtype != kept:
            vae.to(dtype=kept)


def _is_sound(latents: Any) -> bool:
    import torch

    return bool(torch.isfinite(latents).all())


def _is_wrong(samples: Any) -> bool:
    import torch

    return not bool(torch.isfinite(samples).all()) or float(samples.float().std()) * 127.5 < FLAT


def _picture(pipe: Any, samples: Any) -> Any:
    import torch

    if pipe.watermark is not None:
        samples = pipe.watermark.apply_watermark(samples)
    return pipe.image_processor.postprocess(torch.nan_to_num(samples), output_type="pil")[0]


def blanked(checker: tuple[Any, Any], pictures: Sequence[Any]) -> list[bool]:
    """Of each picture, whether the safety checker holds it for unsafe."""
    import numpy as np

    model, prepared = checker
    pixels = prepared(list(pictures), return_tensors="pt").pixel_values
    samples = np.stack([np.asarray(one, dtype=np.float32) / 255 for one in pictures])
    _, unsafe = model(images=samples, clip_input=pixels.to(next(model.parameters())))
    return [bool(one) for one in unsafe]
