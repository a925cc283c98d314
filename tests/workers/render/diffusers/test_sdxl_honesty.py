"""The bytes are those of plain diffusers programs, and the model stays what it was; what fails is told, not hidden."""

from __future__ import annotations

import hashlib
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import tiny
from calotype.workers.accelerator import HOLDERS
from calotype.workers.protocol import Failure, InputGone, Rendered
from sdxl import answers, control, digest, draw, facts, inputs, lora, made, refusal, request, same, shared, start

FACES = {"weights": digest("adapter"), "encoder": digest("encoder"), "scale": 0.7, "pictures": [digest("photo")]}


def unfurled() -> Any:
    """The session of the shared renderer."""
    host = shared()._host
    assert host is not None and host._session is not None
    return host._session


def weights() -> dict[str, str]:
    """SHA-256 of every tensor of the base model's own, whatever is wrapped around it."""
    pipe = unfurled().base.pipe
    found = {}
    for part in ("unet", "vae", "text_encoder", "text_encoder_2"):
        for name, value in getattr(pipe, part).state_dict().items():
            if "lora_" not in name and "_ip" not in name and "encoder_hid_proj" not in name:
                found[f"{part}.{name.replace('.base_layer', '')}"] = hashlib.sha256(value.numpy().tobytes()).hexdigest()
    return found


@settings(max_examples=6, deadline=None, derandomize=True)
@given(worn=st.lists(st.lists(st.sampled_from("abc"), unique=True, max_size=3), min_size=1, max_size=4))
def test_loras_leave_the_model_bit_for_bit_as_it_was(worn: list[list[str]]) -> None:
    draw(request())
    before = weights()
    for names in worn:
        draw(request(steps=1, **lora(*names)) if names else request(steps=1))
    assert weights() == before
    draw(request(faces=FACES, steps=1))
    draw(request(steps=1))
    assert weights() == before


def test_the_order_in_which_loras_are_named_does_not_count() -> None:
    one, other = draw(request(**lora("a", "b"))), draw(request(**lora("b", "a")))
    assert same(one[0], other[0])


def diffusers_own(**changes: Any) -> np.ndarray:
    """What a hand-written program gives: pipelines as diffusers loads them, texts as texts."""
    import diffusers

    models = tiny.models()
    kind = changes.pop("kind", "StableDiffusionXLPipeline")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        given = {"controlnet": diffusers.ControlNetModel.from_pretrained(models / "controlnets/openpose")} if "Control" in kind else {}
        pipe = getattr(diffusers, kind).from_pretrained(models / "base", add_watermarker=False, **given)
        pipe.scheduler = diffusers.DPMSolverMultistepScheduler.from_config(pipe.scheduler.config, use_karras_sigmas=True)
        pipe.set_progress_bar_config(disable=True)
        if changes.pop("lora", False):
            pipe.load_lora_weights(models / "loras", weight_name="b.safetensors", adapter_name="b")
            pipe.set_adapters(["b"], [0.8])
        generator = torch.Generator("cpu").manual_seed(1)
        found = pipe("a boy standing", num_inference_steps=2, guidance_scale=5.0, generator=generator, **changes)
    return np.asarray(found.images[0]).astype(int)


def test_the_bytes_are_those_of_a_plain_diffusers_program() -> None:
    photo = Image.open(inputs()[digest("photo")]).convert("RGB")
    edges = Image.open(inputs()[digest("edges")]).convert("RGB")
    size = {"width": 64, "height": 64}
    assert same(draw(request())[0], diffusers_own(**size))
    assert same(draw(request(negative="text"))[0], diffusers_own(**size, negative_prompt="text"))
    assert same(draw(request(**lora("b")))[0], diffusers_own(**size, lora=True))
    assert same(draw(request(**start()))[0], diffusers_own(kind="StableDiffusionXLImg2ImgPipeline", image=photo, strength=0.6))
    assert same(draw(request(controls=[control("openpose")]))[0], diffusers_own(
        kind="StableDiffusionXLControlNetPipeline", image=edges, controlnet_conditioning_scale=0.8, **size))


def test_a_batch_differs_from_one_by_one_by_no_more_than_one_level() -> None:
    requests = [request(seed=seed) for seed in range(3)] + [request(seed=seed, **start()) for seed in range(3)]
    one_by_one = draw(*requests)
    batched = made(deterministic=False)
    together = answers(batched, requests)
    assert [one.facts["batch"] for one in together if isinstance(one, Rendered)] == [3] * 6
    for left, right in zip(one_by_one, together, strict=True):
        assert isinstance(right, Rendered)
        assert np.abs(left - np.asarray(right.pixels).astype(int)).max() <= 1


def test_several_controlnets_work_in_a_batch() -> None:
    both = [control("openpose"), control("canny", "photo")]
    requests = [request(seed=seed, controls=both) for seed in (1, 2)]
    together = draw(*requests, renderer=made(deterministic=False))
    assert all(np.abs(left - right).max() <= 1 for left, right in zip(draw(*requests), together, strict=True))


def test_a_render_cancelled_between_steps_leaves_the_renderer_usable() -> None:
    [before] = draw(request())
    asked = iter([False, False, True])
    found = list(shared().perform([request(steps=8), request()], inputs(), lambda: next(asked, True)))
    assert found == []
    assert same(draw(request())[0], before)


def test_steps_and_loads_are_told_as_they_happen() -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    renderer = made()
    renderer.configure({"device": "cpu"}, lambda kind, **fields: told.append((kind, fields)))
    draw(request(steps=3), renderer=renderer)
    assert [fields["step"] for kind, fields in told if kind == "render.step"] == [1, 2, 3]
    assert [kind for kind, _ in told[:2]] == ["model.loading", "model.loaded"]


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A U-Net that takes at most so many images at once; the rest of the machine is as it is."""
    room: dict[str, Any] = {"images": 1, "failures": 0}
    draw(request())
    kind = type(unfurled().base.pipe.unet)
    forward = kind.forward

    def limited(self: Any, sample: Any, *given: Any, **named: Any) -> Any:
        if sample.shape[0] > 2 * room["images"]:  # guidance makes two of each
            room["failures"] += 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return forward(self, sample, *given, **named)

    monkeypatch.setattr(kind, "forward", limited)
    yield room


def test_where_memory_is_short_batches_are_halved_and_every_image_comes(memory: dict[str, Any]) -> None:
    HOLDERS.make_room()  # else it is first tried again with what other renderers of these tests hold
    renderer = made(deterministic=False)
    found = answers(renderer, [request(seed=seed) for seed in range(4)])
    assert [one.facts["batch"] for one in found if isinstance(one, Rendered)] == [1, 1, 1, 1]
    assert memory["failures"] <= 3
    assert facts(request(), renderer)["low_memory"] is False


def test_where_one_image_is_too_much_the_model_is_moved_in_parts_and_at_last_it_is_said(memory: dict[str, Any]) -> None:
    memory["images"] = 0.4
    renderer = made()
    told = refusal(request(), renderer)
    assert "out of memory" in told.message and "low_vram" in (told.hint or "")
    memory["images"] = 1
    assert facts(request(), renderer)["low_memory"] is True


def test_a_picture_that_half_precision_spoils_is_decoded_again_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    draw(request())
    kind = type(unfurled().base.pipe.vae)
    decode = kind.decode

    def spoilt(self: Any, latents: Any, *given: Any, **named: Any) -> Any:
        samples = decode(self, latents, *given, **named)
        return samples if self.dtype == torch.float32 else (samples[0] * float("nan"),)

    monkeypatch.setattr(kind, "decode", spoilt)
    told = facts(request(models={"dtype": "bfloat16"}), made())
    assert told["decoded_in_float32"] is True and told["dtype"] == "bfloat16"
    assert facts(request(), made())["decoded_in_float32"] is False


def test_a_flat_picture_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    draw(request())
    kind = type(unfurled().base.pipe.vae)
    monkeypatch.setattr(kind, "decode", lambda self, latents, **named: (torch.zeros(1, 3, 64, 64),))
    told = refusal(request())
    assert "flat" in told.message and told.hint


def test_a_model_that_is_a_pickle_is_refused_by_name_before_it_is_read(tmp_path: Path) -> None:
    models = tmp_path / "base"
    shutil.copytree(tiny.models() / "base", models)
    weights = models / "unet/diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    [told] = list(made().perform([request()], {**inputs(), digest("base"): models}, lambda: False))
    assert isinstance(told, Failure)
    assert "diffusion_pytorch_model.bin" in told.message and "pickle" in told.message


def test_a_lora_that_is_a_pickle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "luca.pt"
    path.write_bytes(b"\x80\x04.")
    [told] = list(made().perform([request(**lora("a"))], {**inputs(), digest("a"): path}, lambda: False))
    assert isinstance(told, Failure) and "luca.pt" in told.message


def test_a_damaged_file_of_weights_is_named(tmp_path: Path) -> None:
    path = tmp_path / "luca.safetensors"
    path.write_bytes((tiny.models() / "loras/a.safetensors").read_bytes()[:5000])
    [told] = list(made().perform([request(**lora("a"))], {**inputs(), digest("a"): path}, lambda: False))
    assert isinstance(told, Failure) and "luca.safetensors" in told.message


def test_a_device_that_is_not_there_fails_in_words() -> None:
    absent = "mps" if torch.cuda.is_available() else "cuda"
    told = refusal(request(), made(device=absent))
    assert f"no device `{absent}`" in told.message


def test_the_renderer_says_what_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    assert shared().unavailable_reason() is None
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "peft" else find(name))
    assert shared().unavailable_reason() == ("peft is not installed", "pip install 'calotype[sdxl]'")


@pytest.mark.parametrize("changes", [start(), {"controls": [control("openpose", "photo")]}], ids=["start", "map"])
def test_a_picture_that_is_not_the_one_asked_for_is_never_drawn_with(tmp_path: Path, changes: dict[str, Any]) -> None:
    """The blob of a map or of a reference may be damaged, or another picture may lie in its place: it is made again."""
    spoilt = tmp_path / "spoilt.png"
    for data in (inputs()[digest("other")].read_bytes(), inputs()[digest("photo")].read_bytes()[:60]):
        spoilt.write_bytes(data)
        with pytest.raises(InputGone) as gone:
            list(shared().perform([request(**changes)], {**inputs(), digest("photo"): spoilt}, lambda: False))
        assert gone.value.digest == digest("photo")
