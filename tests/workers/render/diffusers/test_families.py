"""Every family of models gives the bytes of a plain call of its pipeline: alone, in company, with a LoRA and without."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import sdxl
import tiny_families
from families import EDITS, draw, lora, picture, plain, refusal, request
from sdxl import made

TEXT = [family for family in tiny_families.BUILT if family not in EDITS]
START = {"start": {"pixels": sdxl.digest("photo"), "strength": 0.6}, "steps": 4}
REFERENCE = {"references": [sdxl.digest("photo")]}
TWO = {"references": [sdxl.digest("photo"), sdxl.digest("other")]}
WAYS: dict[str, tuple[str, dict[str, Any], str | None, dict[str, Any]]] = {
    **{f"{family}: text": (family, {}, None, {}) for family in TEXT},
    "z-image: without guidance": ("z-image", {"guidance_scale": 0.0, "negative": ""}, None, {}),
    "z-image: a negative prompt": ("z-image", {"negative": "text"}, None, {}),
    "z-image: img2img": ("z-image", START, "ZImageImg2ImgPipeline", {"image": "photo", "strength": 0.6}),
    "qwen-image: a negative prompt": ("qwen-image", {"negative": "text"}, None, {}),
    "qwen-image: without guidance": ("qwen-image", {"guidance_scale": 1.0}, None, {}),
    "qwen-image: img2img": ("qwen-image", START, "QwenImageImg2ImgPipeline", {"image": "photo", "strength": 0.6}),
    "flux2-klein: without guidance": ("flux2-klein", {"guidance_scale": 1.0}, None, {}),
    "flux2-klein: edit": ("flux2-klein", REFERENCE, None, {"image": "photo"}),
    "flux2-klein: edit of two": ("flux2-klein", TWO, None, {"image": ["photo", "other"]}),
    "qwen-image-edit: one": ("qwen-image-edit-one", {"negative": "text"}, None, {"image": "photo"}),
    "qwen-image-edit: one of several": ("qwen-image-edit", {}, None, {"image": ["photo"]}),
    "qwen-image-edit: two": ("qwen-image-edit", TWO, None, {"image": ["photo", "other"]}),
}


def shown(arguments: dict[str, Any]) -> dict[str, Any]:
    image = arguments.get("image")
    if image is None:
        return arguments
    return {**arguments, "image": [picture(each) for each in image] if isinstance(image, list) else picture(image)}


@pytest.mark.parametrize("way", WAYS)
def test_a_picture_is_that_of_the_plain_pipeline(way: str) -> None:
    family, changes, pipeline, arguments = WAYS[way]
    wanted = request(family, **changes)
    [drawn] = draw(wanted)
    assert drawn.std() > 1
    assert np.array_equal(drawn, plain(wanted, pipeline, **shown(arguments)))
