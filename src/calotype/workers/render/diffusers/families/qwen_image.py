"""Qwen-Image: a transformer of two streams, with Qwen2.5-VL as the reader of its texts.

`guidance_scale` is what the pipelines call `true_cfg_scale`, CFG whose prediction keeps its norm; it acts above 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from calotype.workers.render.diffusers.flow.flow_family import FlowFamily

NO_NEGATIVE = " "
"""What stands for a negative prompt where there is none: guidance wants a text to go away from."""


class QwenImage(FlowFamily):
    name, title = "qwen-image", "Qwen-Image"
    classes: ClassVar[tuple[str, ...]] = ("QwenImagePipeline",)
    published: ClassVar[str] = "Qwen/Qwen-Image"
    pipelines = {"text2img": "QwenImagePipeline", "img2img": "QwenImageImg2ImgPipeline"}
    parts = {
        "transformer": ("diffusers", "QwenImageTransformer2DModel"), "vae": ("diffusers", "AutoencoderKLQwenImage"),
        "text_encoder": ("transformers", "Qwen2_5_VLForConditionalGeneration"),
    }
    tokens = 1024
    defaults = {"steps": 50, "guidance_scale": 4.0}

    def guidance(self, scale: float) -> dict[str, Any]:
        return {"true_cfg_scale": scale}

    def encoded(self, pipe: Any, device: Any, text: str, pictures: Sequence[Any]) -> Mapping[str, Any]:
        embeds, mask = pipe.encode_prompt([text or NO_NEGATIVE], device=device)
        return {"embeds": embeds} if mask is None else {"embeds": embeds, "mask": mask}

    def text_arguments(
        self, prompts: Sequence[Mapping[str, Any]], negatives: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """The pipelines themselves would go on with the first 512 tokens alone."""
        negative = _joined(negatives, "negative_") if negatives else {}
        return {**_joined(prompts, ""), **negative, "max_sequence_length": self.tokens}

    def unpacked(self, pipe: Any, latents: Any, size: tuple[int, int]) -> Any:
        width, height = size
        return pipe._unpack_latents(latents, height, width, pipe.vae_scale_factor)

    def samples(self, pipe: Any, latents: Any, size: tuple[int, int]) -> Any:
        import torch

        vae, latents = pipe.vae, latents.to(pipe.vae.dtype)
        mean, spread = (torch.tensor(values).view(1, vae.config.z_dim, 1, 1, 1) for values in (
            vae.config.latents_mean, vae.config.latents_std))
        inverse = 1.0 / spread.to(latents.device, latents.dtype)
        return vae.decode(latents / inverse + mean.to(latents.device, latents.dtype), return_dict=False)[0][:, :, 0]


def _joined(texts: Sequence[Mapping[str, Any]], prefix: str) -> dict[str, Any]:
    """Of texts of one length."""
    import torch

    arguments = {f"{prefix}prompt_embeds": torch.cat([text["embeds"] for text in texts])}
    if "mask" in texts[0]:
        arguments[f"{prefix}prompt_embeds_mask"] = torch.cat([text["mask"] for text in texts])
    return arguments
