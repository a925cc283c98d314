"""SDXL: a U-Net with two text encoders, and all that was made for it: a refiner, ControlNets, IP-Adapters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from calotype.workers.protocol import Request
from calotype.workers.render.diffusers.families.family import Family

if TYPE_CHECKING:
    from calotype.language.image import Image
    from calotype.language.weights import Model
    from calotype.workers.render.diffusers.unet.prompts import Prompts


class Sdxl(Family):
    """Its requests say `"renderer": "sdxl"`, as they did when it was the only family."""

    name: ClassVar[str] = "sdxl"
    title: ClassVar[str] = "SDXL"
    epoch: ClassVar[int] = 2
    classes: ClassVar[tuple[str, ...]] = ("StableDiffusionXLPipeline",)
    pipelines: ClassVar[Mapping[str, str]] = {
        "text2img": "StableDiffusionXLPipeline", "img2img": "StableDiffusionXLImg2ImgPipeline",
        "control": "StableDiffusionXLControlNetPipeline",
        "control_img2img": "StableDiffusionXLControlNetImg2ImgPipeline",
        "union": "StableDiffusionXLControlNetUnionPipeline",
        "union_img2img": "StableDiffusionXLControlNetUnionImg2ImgPipeline",
    }
    parts: ClassVar[Mapping[str, tuple[str, str]]] = {
        "unet": ("diffusers", "UNet2DConditionModel"), "vae": ("diffusers", "AutoencoderKL"),
        "text_encoder": ("transformers", "CLIPTextModel"),
        "text_encoder_2": ("transformers", "CLIPTextModelWithProjection"),
    }
    rescales: ClassVar[frozenset[str]] = frozenset(("text2img", "img2img"))
    """The tasks whose pipelines rescale guidance themselves."""
    denoiser, multiple = "unet", 8
    published: ClassVar[str] = "stabilityai/stable-diffusion-xl-base-1.0"
    tokens = None

    def serves(self, pipeline: str) -> bool:
        """Those that refine or inpaint are told from base models by their parts."""
        return pipeline.startswith("StableDiffusionXL")

    def token_limit(self, image: Image) -> int | None:
        return None if image.models.get("long_prompts", True) else TOKENS

    def request(self, image: Image) -> Request:
        from calotype.workers.render.diffusers.unet.unet_request import request_of

        return request_of(image, self, image.preset)

    def net(self, named: Model) -> Model:
        """The ControlNet that a name stands for."""
        return named

    def load(self, place: Path, dtype: Any, variant: str | None, models: Request, config: Path | None) -> Any:
        from calotype.workers.render.diffusers import loader

        return loader.base(place, dtype, variant, self, config, add_watermarker=bool(models.get("watermark")))

    def texts(self, pipe: Any, device: Any) -> Prompts:
        from calotype.workers.render.diffusers.unet.prompts import Prompts

        return Prompts(pipe, device)

    def arguments(self, base: Any) -> dict[str, Any]:
        return {"add_watermarker": base.watermark is not None}

    def samples(self, pipe: Any, latents: Any, size: tuple[int, int]) -> Any:
        """By a VAE that overflows in half precision, if its config says so, in float32."""
        from contextlib import nullcontext

        import torch

        from calotype.workers.render.diffusers.decode import in_float32

        vae = pipe.vae
        upcast = vae.dtype == torch.float16 and vae.config.force_upcast
        with in_float32(vae) if upcast else nullcontext():
            read = latents.to(next(vae.post_quant_conv.parameters()).dtype)
            return vae.decode(scaled(vae, read), return_dict=False)[0]

    def finished(self, pipe: Any, samples: Any) -> Any:
        if pipe.watermark is not None:
            samples = pipe.watermark.apply_watermark(samples)
        return super().finished(pipe, samples)

    def tile(self, vae: Any, tiles: bool) -> None:
        """Tiles of the size that the model draws, so that a picture which is no larger is one."""
        vae.use_tiling = tiles
        vae.tile_sample_min_size, vae.tile_latent_min_size = TILE, TILE // 8


TOKENS = 75
"""Those of a prompt that CLIP reads at once."""
TILE = 1024
"""Pixels of the side of a tile."""


def scaled(vae: Any, latents: Any) -> Any:
    """Latents as the VAE was trained on: by one factor, or where its config has them by the mean and the spread of each
    channel."""
    import torch

    factor = vae.config.scaling_factor
    mean, spread = (getattr(vae.config, name, None) for name in ("latents_mean", "latents_std"))
    if mean is None or spread is None:
        return latents / factor
    mean, spread = (torch.tensor(values).view(1, -1, 1, 1).to(latents) for values in (mean, spread))
    return latents * spread / factor + mean
