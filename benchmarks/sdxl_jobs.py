"""The job of the SDXL benchmark, and the programs that people write for it: run as processes of their own.

    python benchmarks/sdxl_jobs.py loop FOLDER          each pipeline loaded once, requests in the order of the specs
    python benchmarks/sdxl_jobs.py shared FOLDER        as loop, with one model whose parts all pipelines share
    python benchmarks/sdxl_jobs.py exercise FOLDER N    the guides' way: one process an exercise

FOLDER holds `models/`, `loras/`, `refs/` and `requests.json`; pictures go to FOLDER/out.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

IMAGES_OF_AN_EXERCISE = 3
NEGATIVE = "text, blurry"
KINDS = ("text2img", "openpose", "canny", "img2img")
LORAS = (None, "a", "c")


def requests(count: int, steps: int) -> list[dict[str, Any]]:
    """`count` requests, mixed as specs mix them: every kind with every LoRA set, one after another."""
    found = []
    for number in range(count):
        kind, lora = KINDS[number % len(KINDS)], LORAS[(number // 2) % len(LORAS)]
        found.append({"kind": kind, "lora": lora, "seed": number, "prompt": f"a boy standing {number % 20}",
                      "steps": steps, "negative": NEGATIVE})
    return found


class Plain:
    """A plain diffusers program, as a good engineer writes it: nothing is loaded twice that need not be."""

    def __init__(self, folder: Path, share: bool) -> None:
        import diffusers

        self._diffusers, self._folder, self._share = diffusers, folder, share
        self._pipes: dict[str, Any] = {}
        self._worn: dict[int, str | None] = {}

    def pipe(self, kind: str) -> Any:
        if kind not in self._pipes:
            self._pipes[kind] = self._load(kind)
        return self._pipes[kind]

    def _load(self, kind: str) -> Any:
        given: dict[str, Any] = {"add_watermarker": False}
        if kind in ("openpose", "canny"):
            given["controlnet"] = self._diffusers.ControlNetModel.from_pretrained(self._folder / "models" / kind)
        name = {"text2img": "StableDiffusionXLPipeline", "img2img": "StableDiffusionXLImg2ImgPipeline"}.get(
            kind, "StableDiffusionXLControlNetPipeline")
        known = next(iter(self._pipes.values()), None)
        if self._share and known is not None:
            parts = {name: value for name, value in known.components.items() if name != "controlnet"}
            pipe = getattr(self._diffusers, name)(**parts, **given)
        else:
            pipe = getattr(self._diffusers, name).from_pretrained(self._folder / "models/base", **given)
        pipe.scheduler = self._diffusers.DPMSolverMultistepScheduler.from_config(
            pipe.scheduler.config, use_karras_sigmas=True)
        pipe.set_progress_bar_config(disable=True)
        if not (self._share and known is not None):
            for lora in ("a", "c"):
                pipe.load_lora_weights(self._folder / "loras", weight_name=f"{lora}.safetensors", adapter_name=lora)
            pipe.disable_lora()
        return pipe

    def wear(self, pipe: Any, lora: str | None) -> None:
        if self._worn.get(id(pipe.unet)) == lora:
            return
        if lora is None:
            pipe.disable_lora()
        else:
            pipe.enable_lora()
            pipe.set_adapters([lora], [0.8])
        self._worn[id(pipe.unet)] = lora

    def draw(self, request: dict[str, Any], path: Path) -> None:
        import torch
        from PIL import Image

        pipe = self.pipe(request["kind"])
        self.wear(pipe, request["lora"])
        size = json.loads((self._folder / "size.json").read_text())
        given: dict[str, Any] = {} if request["kind"] == "img2img" else {"width": size, "height": size}
        if request["kind"] != "text2img":
            given["image"] = Image.open(self._folder / "refs/photo.png").convert("RGB").resize((size, size))
        if request["kind"] == "img2img":
            given["strength"] = 0.6
        generator = torch.Generator("cpu").manual_seed(request["seed"])
        pipe(request["prompt"], negative_prompt=request["negative"], num_inference_steps=request["steps"],
             guidance_scale=5.0, generator=generator, **given).images[0].save(path)


def main() -> None:
    warnings.simplefilter("ignore")
    way, folder = sys.argv[1], Path(sys.argv[2])
    wanted = json.loads((folder / "requests.json").read_text())
    if way == "exercise":
        first = int(sys.argv[3]) * IMAGES_OF_AN_EXERCISE
        wanted = wanted[first:first + IMAGES_OF_AN_EXERCISE]
    (folder / "out").mkdir(exist_ok=True)
    program = Plain(folder, share=way == "shared")
    for request in wanted:
        program.draw(request, folder / "out" / f"{way}_{request['seed']}.png")


if __name__ == "__main__":
    main()
