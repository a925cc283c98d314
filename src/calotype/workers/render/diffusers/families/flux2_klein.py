"""FLUX.2 klein (Black Forest Labs): a transformer that draws, and edits pictures it is shown. Qwen3 reads its texts.

It knows no negative prompt. Distilled models, which their `model_index.json` tells, are drawn without guidance, in 4
steps, which are the defaults here; others take true CFG above 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from calotype.workers.protocol import Request
from calotype.workers.render.diffusers.errors import Refused
from calotype.workers.render.diffusers.flow.flow_family import FlowFamily
from calotype.workers.render.diffusers.flow.flow_request import pictures_of, request_of

if TYPE_CHECKING:
    from calotype.language.image import Image


class Flux2Klein(FlowFamily):
    name, title = "flux2-klein", "FLUX.2 klein"
    classes = ("Flux2KleinPipeline",)
    published = "black-forest-labs/FLUX.2-klein-4B"
    pipelines = {"text2img": "Flux2KleinPipeline"}
    parts = {
        "transformer": ("diffusers", "Flux2Transformer2DModel"), "vae": ("diffusers", "AutoencoderKLFlux2"),
        "text_encoder": ("transformers", "Qwen3ForCausalLM"),
    }
    tokens = 512
    defaults = {"steps": 4, "guidance_scale": 1.0}
    reads_negative = False

    def request(self, image: Image) -> Request:
        pictures = pictures_of(image)
        request = request_of(self, image)
        return {**request, "references": pictures} if pictures else request

    def check(self, pipe: Any, request: Request) -> None:
        if pipe.config.is_distilled and self.is_guided(request["guidance_scale"]):
            raise Refused("this model is distilled: `guidance_scale` would do nothing",
                          "take `guidance_scale` out of the preset, or take a base model of FLUX.2 klein")

    def task(self, request: Request) -> str:
        return "text2img"

    def edited(self, pipe: Any, pictures: Sequence[Any]) -> dict[str, Any]:
        return {"image": list(pictures)}

    def encoded(self, pipe: Any, device: Any, text: str, pictures: Sequence[Any]) -> Mapping[str, Any]:
        embeds, _ = pipe.encode_prompt([text], device=device)
        return {"embeds": embeds}

    def text_arguments(
        self, prompts: Sequence[Mapping[str, Any]], negatives: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        import torch

        arguments = {"prompt_embeds": torch.cat([text["embeds"] for text in prompts])}
        if negatives:
            arguments["negative_prompt_embeds"] = torch.cat([text["embeds"] for text in negatives])
        return arguments

    def samples(self, pipe: Any, latents: Any, size: tuple[int, int]) -> Any:
        return pipe.vae.decode(latents, return_dict=False)[0]
