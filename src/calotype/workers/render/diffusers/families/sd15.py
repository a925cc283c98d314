"""Stable Diffusion 1.5, and what was trained from it: a U-Net with one text encoder, made for pictures of 512 x 512."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error
from calotype.language.weights import Model
from calotype.workers.protocol import Request
from calotype.workers.render.diffusers.families.preset import scheduler_of, value, written
from calotype.workers.render.diffusers.families.sdxl import Sdxl

if TYPE_CHECKING:
    from calotype.language.image import Image
    from calotype.workers.render.diffusers.unet.prompts import Prompts

WITHOUT: Mapping[str, Any] = {"safety_checker": None, "feature_extractor": None, "image_encoder": None}
"""Parts that are not read: a safety checker is that of `models`, an image encoder that of an IP-Adapter."""
NETS: Mapping[str, str] = {
    "thibaud/controlnet-openpose-sdxl-1.0": "lllyasviel/control_v11p_sd15_openpose",
    "diffusers/controlnet-depth-sdxl-1.0": "lllyasviel/control_v11f1p_sd15_depth",
    "diffusers/controlnet-canny-sdxl-1.0": "lllyasviel/control_v11p_sd15_canny",
}
"""The ControlNets that stand for the packaged ones, which are SDXL's."""


class Sd15(Sdxl):
    name, title, epoch = "sd15", "Stable Diffusion 1.5", 1
    classes = ("StableDiffusionPipeline",)
    pipelines = {
        "text2img": "StableDiffusionPipeline", "img2img": "StableDiffusionImg2ImgPipeline",
        "control": "StableDiffusionControlNetPipeline", "control_img2img": "StableDiffusionControlNetImg2ImgPipeline",
    }
    rescales = frozenset(("text2img",))
    parts = {
        "unet": ("diffusers", "UNet2DConditionModel"), "vae": ("diffusers", "AutoencoderKL"),
        "text_encoder": ("transformers", "CLIPTextModel"),
    }
    published = "stable-diffusion-v1-5/stable-diffusion-v1-5"

    def request(self, image: Image) -> Request:
        from calotype.workers.render.diffusers.unet.unet_request import request_of

        for name, inert in (("refiner", "refiner" in written(image) and image.preset.get("refiner")),
                            ("watermark", image.models.get("watermark"))):
            if inert:
                raise Problem(error(
                    "option-inert", f"`{image.target}`: {self.title} knows no `{name}`", file=image.spec,
                    hint="take it out of calotype.yaml"))
        values = {name: value(image, {"refiner": False}, name) for name in (*image.preset, "refiner")}
        scheduler = scheduler_of(image)
        values |= {"scheduler": scheduler["name"], "scheduler_args": scheduler["args"]}
        request = request_of(image, self, values)
        return {"family": self.name, **request, "renderer": "diffusers"}

    def serves(self, pipeline: str) -> bool:
        return pipeline in self.classes

    def net(self, named: Model) -> Model:
        """A ControlNet by its packaged name is the one that was trained for this family."""
        return Model(NETS[named.name]) if named.name in NETS else named

    def load(self, place: Path, dtype: Any, variant: str | None, models: Request, config: Path | None) -> Any:
        from calotype.workers.render.diffusers import loader

        return loader.base(place, dtype, variant, self, config, **WITHOUT, requires_safety_checker=False)

    def texts(self, pipe: Any, device: Any) -> Prompts:
        from calotype.workers.render.diffusers.unet.one_encoder import OneEncoder

        return OneEncoder(pipe, device)

    def arguments(self, base: Any) -> dict[str, Any]:
        return {"requires_safety_checker": False}

    def finished(self, pipe: Any, samples: Any) -> Any:
        return pipe.image_processor.postprocess(samples, output_type="pil")[0]
