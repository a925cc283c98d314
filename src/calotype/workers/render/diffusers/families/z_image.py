"""Z-Image (Tongyi-MAI): a transformer of one stream, with Qwen3 as the reader of its texts.

Guidance is true CFG, `prediction + scale (prediction - negative)`, from any scale above 0; Z-Image-Turbo is distilled
and drawn without (0), in 9 steps, which are the defaults here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calotype.workers.render.diffusers.flow.flow_family import FlowFamily


class ZImage(FlowFamily):
    name, title = "z-image", "Z-Image"
    classes = ("ZImagePipeline",)
    published = "Tongyi-MAI/Z-Image-Turbo"
    pipelines = {"text2img": "ZImagePipeline", "img2img": "ZImageImg2ImgPipeline"}
    parts = {
        "transformer": ("diffusers", "ZImageTransformer2DModel"), "vae": ("diffusers", "AutoencoderKL"),
        "text_encoder": ("transformers", "Qwen3Model"),
    }
    tokens = 512
    defaults = {"steps": 9, "guidance_scale": 0.0}

    def is_guided(self, scale: float) -> bool:
        return scale > 0

    def encoded(self, pipe: Any, device: Any, text: str, pictures: Sequence[Any]) -> Mapping[str, Any]:
        [embeds], _ = pipe.encode_prompt([text], device=device, do_classifier_free_guidance=False)
        return {"embeds": embeds[None]}

    def text_arguments(
        self, prompts: Sequence[Mapping[str, Any]], negatives: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        arguments = {"prompt_embeds": [text["embeds"][0] for text in prompts]}
        if negatives:
            arguments["negative_prompt_embeds"] = [text["embeds"][0] for text in negatives]
        return arguments

    def samples(self, pipe: Any, latents: Any, size: tuple[int, int]) -> Any:
        vae = pipe.vae
        return vae.decode(
            latents.to(vae.dtype) / vae.config.scaling_factor + vae.config.shift_factor, return_dict=False)[0]
