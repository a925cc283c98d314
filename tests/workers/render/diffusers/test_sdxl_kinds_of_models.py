"""What stands in the place of another kind of model is refused in words, and nothing that one image loads stays for the next."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

import single_file
import tiny
from calotype.workers.protocol import Failure, Rendered
from calotype.workers.render.diffusers import Diffusers
from sdxl import Request, control, digest, inputs, lora, made, refusal, request, shared, start

OTHER = "9" * 64
REFINED = {"refiner_start": 0.5, "steps": 4}


def answer(wanted: Request, place: Path | None = None, renderer: Diffusers | None = None) -> Rendered | Failure:
    places = {**inputs(), **({OTHER: place} if place else {})}
    [told] = (renderer or made()).perform([wanted], places, lambda: False)
    return told


def pixels(told: Rendered | Failure) -> bytes:
    assert isinstance(told, Rendered), told
    return told.pixels.tobytes()


@pytest.mark.parametrize(("changes", "says"), [
    ({**REFINED, "models": {"refiner": digest("base")}}, "`base` is no refiner of SDXL"),
    ({"models": {"base": digest("refiner")}}, "`refiner` has no folder `text_encoder`"),
    ({"models": {"vae": digest("canny")}}, "`canny` is of the class ControlNetModel"),
    ({"controls": [control("vae")]}, "is of the class AutoencoderKL"),
    ({"controls": [control("base")]}, "`base` has no config.json"),
    (lora("encoder"), "`encoder` is a folder"),
], ids=["a base as a refiner", "a refiner as a base", "a net as a VAE", "a VAE as a net", "a base as a net", "a folder as a LoRA"])
def test_a_model_of_another_kind_is_named_and_its_kind_with_it(changes: dict[str, Any], says: str) -> None:
    told = refusal(request(**changes))
    assert says in told.message and told.hint


@pytest.mark.parametrize(("unet", "says"), [({"in_channels": 9}, "9 channels (it inpaints)"), ({"cross_attention_dim": 48}, "width 48")])
def test_a_base_whose_parts_do_not_go_together_is_refused(tmp_path: Path, unet: dict[str, Any], says: str) -> None:
    tiny.base(tmp_path / "odd", 5, {**tiny.UNET, **unet})
    told = answer(request(models={"base": OTHER}), tmp_path / "odd", shared())
    assert isinstance(told, Failure) and "`odd` is no base model of SDXL" in told.message and says in told.message


Spoil = Callable[[dict[str, Any]], dict[str, Any]]


def without(name: str) -> Spoil:
    return lambda whole: {key: value for key, value in whole.items() if key != name}


def more(name: str) -> Spoil:
    return lambda whole: {**whole, name: next(iter(whole.values())).clone()}


SPOILT = [
    (without("image_proj.norm.bias"), "it lacks tensors"), (without("image_proj.norm.weight"), "it lacks tensors"),
    (more("ip_adapter.999.to_k_ip.weight"), "have no place"), (more("image_proj.more.weight"), "have no place"),
]


@pytest.mark.parametrize(("name", "file"), [("adapter", "adapter"), ("faceid with a lora", "faceid_lora")])
def test_an_ip_adapter_is_loaded_whole_or_not_at_all(tmp_path: Path, name: str, file: str) -> None:
    reads = {"encoder": digest("encoder"), "pictures": [digest("photo")]} if name == "adapter" else {"embeddings": [digest("face1")]}
    whole = load_file(tiny.models() / f"ip_adapter/{file}.safetensors")
    wanted = request(faces={"weights": digest(name), "scale": 0.7, **reads})
    before = pixels(answer(wanted, renderer=shared()))
    for number, (spoil, says) in enumerate(SPOILT):
        path = tmp_path / f"{number}.safetensors"
        save_file(spoil(whole), path)
        told = answer(request(faces={**wanted["faces"], "weights": OTHER}), path, shared())
        assert isinstance(told, Failure) and says in told.message
    assert pixels(answer(wanted, renderer=shared())) == before


def test_two_configs_of_one_refiner_in_a_file_are_two_refiners(tmp_path: Path) -> None:
    """One file, drawn with the configs of one folder and then of another, whose noise is another."""
    single_file.write_refiner(tiny.models() / "refiner", tmp_path / "refiner.safetensors")
    shutil.copytree(tiny.models() / "refiner", tmp_path / "other")
    noise = tmp_path / "other/scheduler/scheduler_config.json"
    noise.write_text(json.dumps({**json.loads(noise.read_text()), "beta_end": 0.03}))
    places = {**inputs(), OTHER: tmp_path / "refiner.safetensors", "8" * 64: tmp_path / "other"}
    wanted = [request(**REFINED, models={"refiner": OTHER, "refiner_config": config}) for config in (digest("refiner"), "8" * 64)]

    def draw(renderer: Diffusers, each: Request) -> bytes:
        return pixels(next(iter(renderer.perform([each], places, lambda: False))))

    fresh = [draw(made(), each) for each in wanted]
    renderer = made()
    assert [draw(renderer, each) for each in (*wanted, wanted[0])] == [*fresh, fresh[0]]
    assert fresh[0] != fresh[1]


def test_a_refiner_without_a_step_to_take_is_refused() -> None:
    both = {**start(), "controls": [control("openpose")], "method": "both"}
    refiner = {"models": {"refiner": digest("refiner")}}
    for changes in (both, {"scheduler": {"name": "EulerDiscreteScheduler", "args": {}}}):
        told = refusal(request(steps=6, refiner_start=0.999, **refiner, **changes))
        assert "`refiner_start: 0.999` leaves none of 6 steps" in told.message


def checker(folder: Path, concern: float) -> Path:
    """A safety checker that finds all pictures unsafe where `concern` is below what any of them shows, else none."""
    import torch
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig, CLIPImageProcessor

    torch.manual_seed(1)
    model = StableDiffusionSafetyChecker(CLIPConfig(vision_config=tiny.VISION, projection_dim=tiny.VISION["projection_dim"]))
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if name.endswith("embeds_weights"):
                weights.fill_(concern)
    model.save_pretrained(folder)
    size = tiny.VISION["image_size"]
    CLIPImageProcessor(size={"shortest_edge": size}, crop_size={"height": size, "width": size}).save_pretrained(folder)
    return folder


def test_the_safety_checker_refuses_what_it_holds_for_unsafe_and_is_loaded_once(tmp_path: Path) -> None:
    wanted = request(models={"safety_checker": OTHER})
    told = answer(wanted, checker(tmp_path / "strict", -2.0), made())
    assert isinstance(told, Failure) and "unsafe" in told.message and "safety_checker" in (told.hint or "")
    lenient, renderer = checker(tmp_path / "lenient", 2.0), made()
    pictures = [answer(wanted, lenient, renderer) for _ in range(2)]
    plain = answer(request())
    assert {pixels(picture) for picture in pictures} == {pixels(plain)}
    assert renderer._host is not None and renderer._host.counts["loads"] == 2  # the base, and the checker
    assert np.asarray(pictures[0].pixels).std() > 1  # type: ignore[union-attr]
