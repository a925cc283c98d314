"""What the U-Net sees of the training pictures: their latents, and what the encoders say of their captions.

It is computed once, and all that computed it is let go before the first step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.workers.render.diffusers.errors import Cancelled, Refused
from calotype.workers.train.training_pictures import TrainingPicture


@dataclass(frozen=True, slots=True)
class Example:
    """A picture to the U-Net: `latents` (1, 4, height / 8, width / 8) in float32, `texts` (1, tokens, width), `pooled`
    (1, width), and `sizes` (1, 6): original height and width, the crop's place, the height and width it is shown in."""

    latents: Any
    texts: Any
    pooled: Any
    sizes: Any


def encode(base: Any, pictures: Sequence[TrainingPicture], device: Any, cancel: Callable[[], bool]) -> list[Example]:
    """The pictures and captions as the base model `base` encodes them. Raises Refused for a picture of which its VAE
    makes no numbers."""
    import torch

    vae = base.pipe.vae
    vae.to(torch.float32)  # half precision spoils SDXL's own
    with torch.inference_mode():
        examples = list(_encoded(base, pictures, device, cancel))
    return [Example(*(value.clone() for value in (example.latents, example.texts, example.pooled, example.sizes)))
            for example in examples]


def _encoded(
    base: Any, pictures: Sequence[TrainingPicture], device: Any, cancel: Callable[[], bool]
) -> Iterator[Example]:
    import torch

    for picture in pictures:
        if cancel():
            raise Cancelled
        latents = _latents(base.pipe, picture.pixels, device)
        if not bool(torch.isfinite(latents).all()):
            raise Refused(f"the VAE makes no numbers of `{picture.name}`",
                          "check the base model: calotype models verify")
        texts = base.prompts.encode([picture.caption], [""])
        width, height = picture.pixels.size
        sizes = torch.tensor([[*reversed(picture.original), 0, 0, height, width]], device=device)
        yield Example(latents, texts["prompt_embeds"], texts["pooled_prompt_embeds"], sizes)


def _latents(pipe: Any, pixels: Any, device: Any) -> Any:
    """The mean of what the VAE sees, scaled as the U-Net was trained on it."""
    import torch

    config = pipe.vae.config
    samples = pipe.image_processor.preprocess(pixels).to(device, torch.float32)
    latents = pipe.vae.encode(samples).latent_dist.mode()
    mean, spread = (getattr(config, name, None) for name in ("latents_mean", "latents_std"))
    if mean is None or spread is None:
        return latents * config.scaling_factor
    mean, spread = (torch.tensor(values).view(1, -1, 1, 1).to(latents) for values in (mean, spread))
    return (latents - mean) * config.scaling_factor / spread
