"""Latents to pictures, each checked before it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from calotype.ground.troubleshooting import FLAT_PICTURE, see
from calotype.workers.render.diffusers.errors import Refused

FLAT = 1.0
"""Levels (of 255) that the samples of a picture must spread, by their standard deviation. A plain sky spreads more."""


def decode(pipe: Any, latents: Any) -> tuple[list[Any], list[bool]]:
    """The pictures of a batch of latents, and of each whether its VAE had to work in float32.

    A picture that comes out as not-a-number or flat, which half precision does to SDXL's own VAE, is decoded again in
    float32.
    """
    pictures, again = [], []
    for number in range(latents.shape[0]):
        latent = latents[number:number + 1]
        samples = _samples(pipe, latent, whole=False)
        failed = _is_wrong(samples) and _is_sound(latent)
        if failed:
            samples = _samples(pipe, latent, whole=True)
        again.append(failed)
        pictures.append(samples)
    return [_picture(pipe, samples) for samples in pictures], again


def check(picture: Any) -> None:
    """Raises Refused for a picture that shows nothing."""
    import numpy as np

    if np.asarray(picture).std() < FLAT:
        cure = f"try another seed, more steps, or `models: {{dtype: float32}}`; {see(FLAT_PICTURE)}"
        raise Refused("the model gave a flat picture", cure)


def _samples(pipe: Any, latents: Any, whole: bool) -> Any:
    """(1, 3, height, width), about -1 to 1. `whole`: in float32, whatever the VAE's number type."""
    import torch

    vae = pipe.vae
    dtype = vae.dtype
    upcast = whole or (dtype == torch.float16 and vae.config.force_upcast)
    if upcast and dtype != torch.float32:
        vae.to(dtype=torch.float32)
    try:
        return vae.decode(_scaled(vae, latents.to(next(vae.post_quant_conv.parameters()).dtype)), return_dict=False)[0]
    finally:
        if vae.dtype != dtype:
            vae.to(dtype=dtype)


def _scaled(vae: Any, latents: Any) -> Any:
    """Latents as the VAE was trained on: by one factor, or where its config has them by the mean and the spread of each
    channel."""
    import torch

    factor = vae.config.scaling_factor
    mean, spread = (getattr(vae.config, name, None) for name in ("latents_mean", "latents_std"))
    if mean is None or spread is None:
        return latents / factor
    mean, spread = (torch.tensor(values).view(1, -1, 1, 1).to(latents) for values in (mean, spread))
    return latents * spread / factor + mean


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


def unsafe(checker: tuple[Any, Any], pictures: Sequence[Any]) -> list[bool]:
    """Of each picture, whether the safety checker holds it for unsafe."""
    import numpy as np

    model, prepared = checker
    pixels = prepared(list(pictures), return_tensors="pt").pixel_values
    samples = np.stack([np.asarray(picture, dtype=np.float32) / 255 for picture in pictures])
    _, flags = model(images=samples, clip_input=pixels.to(next(model.parameters())))
    return [bool(flag) for flag in flags]
