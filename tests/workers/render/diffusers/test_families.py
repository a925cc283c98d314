"""Every family of models gives the bytes of a plain call of its pipeline: alone, in company, with a LoRA and without."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sdxl
import tiny_families
from families import EDITS, control, draw, lora, picture, plain, refusal, request
from sdxl import made

TEXT = [family for family in tiny_families.BUILT if family not in EDITS]
LIGHT = [family for family in tiny_families.BUILT if family != "qwen-image-edit"]
"""All but one of two editions that scale what they edit to a megapixel, which costs seconds."""
START = {"start": {"pixels": sdxl.digest("photo"), "strength": 0.6}, "steps": 4}
REFERENCE = {"references": [sdxl.digest("photo")]}
HELD = {"controlnet_conditioning_scale": 0.8}
TWO = {"references": [sdxl.digest("photo"), sdxl.digest("other")]}
WAYS: dict[str, tuple[str, dict[str, Any], str | None, dict[str, Any]]] = {
    **{f"{family}: text": (family, {}, None, {}) for family in TEXT},
    "sd15: a negative prompt": ("sd15", {"negative": "text"}, None, {}),
    "sd15: without guidance": ("sd15", {"guidance_scale": 1.0}, None, {}),
    "sd15: another scheduler": ("sd15", {"scheduler": {"name": "DDIMScheduler", "args": {}}}, None, {}),
    "sd15: guidance rescaled": ("sd15", {"guidance_rescale": 0.7}, None, {"guidance_rescale": 0.7}),
    "sd15: img2img": ("sd15", START, "StableDiffusionImg2ImgPipeline", {"image": "photo", "strength": 0.6}),
    "sd15: controlnet": ("sd15", control(), "StableDiffusionControlNetPipeline", {**HELD, "image": "edges"}),
    "sd15: controlnet and img2img": ("sd15", {**START, **control()}, "StableDiffusionControlNetImg2ImgPipeline", {
        **HELD, "image": "photo", "strength": 0.6, "control_image": "edges"}),
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
    """Pictures in the places of their names."""
    return {name: [picture(each) for each in value] if isinstance(value, list) else picture(value) if "image" in name else value
            for name, value in arguments.items()}


@pytest.mark.parametrize("way", WAYS)
def test_a_picture_is_that_of_the_plain_pipeline(way: str) -> None:
    family, changes, pipeline, arguments = WAYS[way]
    wanted = request(family, **changes)
    [drawn] = draw(wanted)
    assert drawn.std() > 1
    assert np.array_equal(drawn, plain(wanted, pipeline, **shown(arguments)))


def test_every_way_in_a_random_order_gives_the_bytes_that_it_gives_in_its_own() -> None:
    """Families, LoRAs and ways mixed in one renderer, which holds one model at a time."""
    requests = [request(family, **changes) for family, changes, _, _ in WAYS.values() if family != "qwen-image-edit"]
    requests += [request(family, **lora(family)) for family in LIGHT]
    alone = [draw(each)[0] for each in requests]
    renderer, order = made(), list(range(len(requests)))
    random.Random(1).shuffle(order)
    for number in order:
        assert np.array_equal(draw(requests[number], renderer=renderer)[0], alone[number]), requests[number]


@pytest.mark.parametrize("family", tiny_families.BUILT)
def test_a_lora_acts_as_the_plain_pipeline_has_it_and_goes_without_a_trace(family: str) -> None:
    import families

    before = draw(request(family))[0]
    [worn] = draw(request(family, **lora(family)))
    pipe = families._plain(family)
    pipe.load_lora_weights(tiny_families.lora(family), adapter_name="worn")
    pipe.set_adapters(["worn"], [0.8])
    try:
        arguments = {"image": picture("photo") if family == "qwen-image-edit-one" else [picture("photo")]}
        expected = plain(request(family), **(arguments if family in EDITS else {}))
    finally:
        pipe.unload_lora_weights()
    assert np.array_equal(worn, expected) and not np.array_equal(worn, before)
    assert np.array_equal(draw(request(family))[0], before)


@pytest.mark.parametrize(("family", "tokens"), [("z-image", 450), ("qwen-image", 900), ("flux2-klein", 450)])
def test_a_long_prompt_is_read_as_far_as_the_family_says(family: str, tokens: int) -> None:
    """The tokenizers read bytes, those of a chat's frame among them."""
    pictures = [draw(request(family, prompt=f"{'x' * (tokens - 250)} {end}"))[0] for end in ("red", "blue")]
    assert not np.array_equal(*pictures)


def test_a_lora_of_another_family_is_refused_by_name() -> None:
    for family, other in (("z-image", "qwen-image"), ("flux2-klein", "z-image"), ("qwen-image", "sdxl")):
        worn = lora(other) if other != "sdxl" else sdxl.lora("a")
        found = refusal(request(family, **worn))
        assert "does not fit the base model" in found.message and "trained for" in (found.hint or ""), found


@pytest.mark.parametrize(("family", "other"), [("z-image", "qwen-image"), ("qwen-image-edit", "qwen-image"), ("flux2-klein", "z-image")])
def test_a_model_of_another_family_is_refused_by_its_class(family: str, other: str) -> None:
    import families

    found = refusal(request(family, models={"base": families.digest(other), "dtype": "float32"}))
    assert "made for `" in found.message and tiny_families.folder(other).name in found.message


def test_a_net_of_another_family_is_refused_by_name() -> None:
    found = refusal(request("sd15", **control("openpose")))
    assert "texts of width 64, and those of the base model have 32" in found.message and "Stable Diffusion 1.5" in (found.hint or "")


def test_a_scheduler_of_another_kind_is_refused_with_those_it_takes() -> None:
    found = refusal(request("z-image", scheduler={"name": "EulerDiscreteScheduler", "args": {}}))
    assert "EulerDiscreteScheduler" in found.message and "FlowMatchEulerDiscreteScheduler" in (found.hint or "")


def test_arguments_of_the_model_s_own_scheduler_act() -> None:
    shifted = request("z-image", scheduler={"name": "own", "args": {"shift": 1.0}})
    assert not np.array_equal(draw(shifted)[0], draw(request("z-image"))[0])
    found = refusal(request("z-image", scheduler={"name": "own", "args": {"shft": 1.0}}))
    assert "takes no argument `shft`" in found.message


def test_an_interrupted_picture_leaves_the_next_as_it_was() -> None:
    import families

    renderer, calls = made(), []

    def stopped() -> bool:
        calls.append(1)
        return len(calls) > 2

    for family in LIGHT:
        calls.clear()
        wanted = request(family, steps=4)
        assert not list(renderer.perform([wanted], families.inputs(), stopped))
        assert np.array_equal(draw(wanted, renderer=renderer)[0], draw(wanted)[0])


def test_a_batch_differs_by_a_level_at_most_from_each_alone() -> None:
    batched = made(deterministic=False)
    for family in TEXT:
        requests = [request(family, seed=seed, prompt=prompt) for seed, prompt in ((1, "a boy"), (2, "an arm"), (3, "a red figure"))]
        for each, one in zip(draw(*requests, renderer=batched), requests, strict=True):
            assert np.abs(each.astype(int) - draw(one)[0]).max() <= 1


def test_a_checkpoint_in_one_file_gives_the_bytes_of_the_folder(tmp_path: Path) -> None:
    import families
    import single_file

    single_file.write_first(tiny_families.folder("sd15"), tmp_path / "portrait.safetensors")
    inputs = {**families.inputs(), families.digest("one file"): tmp_path / "portrait.safetensors"}
    wanted = request("sd15", models={"base": families.digest("one file"), "config": families.digest("sd15"), "dtype": "float32"})
    [answer] = list(made().perform([wanted], inputs, lambda: False))
    assert np.array_equal(np.asarray(answer.pixels), draw(request("sd15"))[0])  # type: ignore[union-attr]


@pytest.mark.parametrize("family", ["z-image", "qwen-image", "flux2-klein"])
def test_a_transformer_in_one_file_gives_the_bytes_of_the_folder(family: str, tmp_path: Path) -> None:
    import families
    import single_file
    from calotype.models.pipeline_class import pipeline_class

    place = tmp_path / "own.safetensors"
    single_file.write_transformer(family, tiny_families.folder(family), place)
    assert pipeline_class(place) == pipeline_class(tiny_families.folder(family))
    inputs = {**families.inputs(), families.digest("own"): place}
    wanted = request(family, models={"base": families.digest("own"), "config": families.digest(family), "dtype": "float32"})
    [answer] = list(made().perform([wanted], inputs, lambda: False))
    assert np.array_equal(np.asarray(answer.pixels), draw(request(family))[0])  # type: ignore[union-attr]


@pytest.mark.parametrize("family", ["z-image", "flux2-klein"])
def test_a_transformer_by_the_names_of_diffusers_is_read_too(family: str, tmp_path: Path) -> None:
    import shutil

    import families

    place = tmp_path / "own.safetensors"
    shutil.copy(next((tiny_families.folder(family) / "transformer").glob("*.safetensors")), place)
    inputs = {**families.inputs(), families.digest("own"): place}
    wanted = request(family, models={"base": families.digest("own"), "config": families.digest(family), "dtype": "float32"})
    [answer] = list(made().perform([wanted], inputs, lambda: False))
    assert np.array_equal(np.asarray(answer.pixels), draw(request(family))[0])  # type: ignore[union-attr]


def test_a_transformer_that_lacks_a_tensor_is_refused_by_its_name(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    import families
    import single_file

    place = tmp_path / "own.safetensors"
    single_file.write_transformer("qwen-image", tiny_families.folder("qwen-image"), place)
    tensors = load_file(place)
    del tensors["img_in.weight"]
    save_file(tensors, place)
    inputs = {**families.inputs(), families.digest("own"): place}
    wanted = request("qwen-image", models={"base": families.digest("own"), "config": families.digest("qwen-image"), "dtype": "float32"})
    [found] = list(made().perform([wanted], inputs, lambda: False))
    assert "lacks 1 tensors, such as `img_in.weight`" in found.message  # type: ignore[union-attr]


def test_weights_that_lack_are_named() -> None:
    found = refusal(request("z-image", models={"base": "0" * 64, "dtype": "float32"}))
    assert "not on this machine" in found.message


def test_a_distilled_model_takes_no_guidance() -> None:
    import json
    import shutil

    import families

    folder = tiny_families.folder("flux2-klein")
    place = folder.with_name("distilled")
    shutil.copytree(folder, place)
    index = json.loads((place / "model_index.json").read_text())
    (place / "model_index.json").write_text(json.dumps({**index, "is_distilled": True}))
    base = {"models": {"base": families.digest("distilled"), "dtype": "float32"}}
    inputs = {**families.inputs(), families.digest("distilled"): place}
    [found] = list(made().perform([request("flux2-klein", **base)], inputs, lambda: False))
    assert "distilled" in found.message  # type: ignore[union-attr]


def test_one_edition_edits_one_picture() -> None:
    found = refusal(request("qwen-image-edit-one", **TWO))
    assert "works on one picture" in found.message
