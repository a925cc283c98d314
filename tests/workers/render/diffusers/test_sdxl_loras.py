"""LoRAs as trainers write them: each acts whole and as strongly as its file says, or is refused by its file's name."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import tiny
from calotype.ground.digest import sha256_file
from calotype.workers.protocol import Failure, Rendered
from sdxl import digest, facts, inputs, lora, request, same, shared

Tensors = dict[str, Any]
PARTS = {"unet.": "lora_unet_", "text_encoder_2.": "lora_te2_", "text_encoder.": "lora_te1_"}


def answer(path: Path, weight: float = 1.0, **changes: Any) -> Rendered | Failure:
    """What the shared renderer makes of a request with the LoRA at `path`."""
    key = sha256_file(path)
    wanted = request(**{"loras": [{"weights": key, "weight": weight}], **changes})
    [made] = shared().perform([wanted], {**inputs(), key: path}, lambda: False)
    return made


def drawn(path: Path, weight: float = 1.0, **changes: Any) -> np.ndarray:
    made = answer(path, weight, **changes)
    assert isinstance(made, Rendered), made
    return np.asarray(made.pixels).astype(int)


def refused(path: Path) -> str:
    made = answer(path)
    assert isinstance(made, Failure), made
    assert path.name in made.message and made.hint
    return made.message


def plain(load: Callable[[Any], None], **arguments: Any) -> np.ndarray:
    """What a hand-written diffusers program gives, whose pipeline `load` prepares."""
    import diffusers

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipe = diffusers.StableDiffusionXLPipeline.from_pretrained(tiny.models() / "base", add_watermarker=False)
        pipe.scheduler = diffusers.DPMSolverMultistepScheduler.from_config(pipe.scheduler.config, use_karras_sigmas=True)
        pipe.set_progress_bar_config(disable=True)
        load(pipe)
        image = pipe("a boy standing", num_inference_steps=2, guidance_scale=5.0, width=64, height=64,
                     generator=torch.Generator("cpu").manual_seed(1), **arguments).images[0]
    return np.asarray(image).astype(int)


def plainly(path: Path, weight: float = 1.0) -> np.ndarray:
    def load(pipe: Any) -> None:
        pipe.load_lora_weights(path.parent, weight_name=path.name, adapter_name="one")
        pipe.set_adapters(["one"], [weight])

    return plain(load)


def layers() -> Tensors:
    """Those of the tiny LoRA `b`, on the U-Net and the first text encoder, by peft's names."""
    return load_file(tiny.models() / "loras/b.safetensors")


def named(tensors: Tensors) -> Tensors:
    """By peft's names: `unet.layer.lora_A.weight`."""
    return {name.replace(".lora.down.", ".lora_A.").replace(".lora.up.", ".lora_B.").replace(
        ".lora_linear_layer.down.", ".lora_A.").replace(".lora_linear_layer.up.", ".lora_B."): value
        for name, value in tensors.items()}


def kohya(tensors: Tensors, alpha: Callable[[str], float | None] = lambda layer: None) -> Tensors:
    """By kohya's names, `alpha(layer)` beside each layer."""
    renamed: Tensors = {}
    for name, value in named(tensors).items():
        prefix = next(prefix for prefix in PARTS if name.startswith(prefix))
        layer, _, kind = name.removeprefix(prefix).partition(".lora_")
        ours = PARTS[prefix] + layer.replace(".", "_")
        renamed[f"{ours}.lora_{'down' if kind.startswith('A') else 'up'}.weight"] = value
        if (strength := alpha(layer)) is not None:
            renamed[f"{ours}.alpha"] = torch.tensor(strength)
    return renamed


def scaled(tensors: Tensors, factor: Callable[[str], float]) -> Tensors:
    """With the second matrix of each layer times `factor(name)`: exact, for powers of two."""
    return {name: value * factor(name) if ".lora_B." in name else value for name, value in named(tensors).items()}


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    def save(name: str, tensors: Mapping[str, Any], header: Mapping[str, str] | None = None) -> Path:
        path = tmp_path / f"{name}.safetensors"
        save_file({key: value.contiguous() for key, value in tensors.items()}, path, dict(header or {}))
        return path

    return save


def with_header(folder: Path, **settings: Any) -> Path:
    import diffusers

    unet = {name.removeprefix("unet."): value for name, value in named(layers()).items() if name.startswith("unet.")}
    targets = sorted({name.partition(".lora_")[0] for name in unet})
    diffusers.StableDiffusionXLPipeline.save_lora_weights(
        folder, unet_lora_layers=unet, weight_name="header.safetensors",
        unet_lora_adapter_metadata={"r": 4, "target_modules": targets, **settings})
    return folder / "header.safetensors"


def test_the_alpha_of_the_header_counts(tmp_path: Path) -> None:
    path = with_header(tmp_path, lora_alpha=16)
    assert same(drawn(path, 0.5), plainly(path, 0.5))
    assert same(drawn(path, 1.0), drawn(with_header(tmp_path / "plain", lora_alpha=4), 4.0))


def test_patterns_and_rank_stabilised_strengths_of_the_header_count(tmp_path: Path) -> None:
    path = with_header(tmp_path, lora_alpha=4, alpha_pattern={"to_q": 16})
    assert same(drawn(path), plainly(path))
    path = with_header(tmp_path / "rs", lora_alpha=4, use_rslora=True)
    assert same(drawn(path), plainly(path))
    assert same(drawn(path), drawn(with_header(tmp_path / "plain", lora_alpha=8)))  # 4 / sqrt(4) = 8 / 4


def test_a_kohya_file_gives_what_diffusers_gives_of_it(saved: Callable[..., Path]) -> None:
    """It reads no text encoder that lacks `out_proj`; by other names it does."""
    unet = {name: value for name, value in layers().items() if name.startswith("unet.")}
    path = saved("unet", kohya(unet, lambda layer: 1.0))
    assert same(drawn(path, 0.8), plainly(path, 0.8))
    assert same(drawn(saved("kohya", kohya(layers(), lambda layer: 4.0))), drawn(saved("peft", named(layers()))))


def test_layers_of_different_alphas_each_act_by_their_own(saved: Callable[..., Path]) -> None:
    """Diffusers takes the most frequent for all."""
    def alpha(layer: str) -> float:
        return 8.0 if layer.endswith(("to_q", "q_proj")) else 2.0

    by_alpha = drawn(saved("mixed", kohya(layers(), alpha)))
    assert same(by_alpha, drawn(saved("folded", scaled(layers(), lambda name: alpha(name.partition(".lora_")[0]) / 4))))


def test_layers_of_different_ranks_are_read(saved: Callable[..., Path]) -> None:
    cut = {name: value[:2] if "to_q.lora_A" in name else value[:, :2] if "to_q.lora_B" in name else value
           for name, value in named(layers()).items()}
    padded = dict(cut)
    for name, value in cut.items():
        if "to_q.lora_A" in name:
            padded[name] = torch.cat([value, torch.zeros_like(value)])
        elif "to_q.lora_B" in name:
            padded[name] = torch.cat([value, torch.zeros_like(value)], dim=1)
    path = saved("ranks", cut)
    assert same(drawn(path), plainly(path))
    assert np.abs(drawn(path) - drawn(saved("padded", padded))).max() <= 1


def test_a_dora_of_peft_keeps_its_magnitudes(saved: Callable[..., Path]) -> None:
    tensors = {name: value for name, value in named(layers()).items() if name.startswith("unet.")}
    without = saved("without", tensors)
    for name, value in list(tensors.items()):
        if name.endswith(".lora_B.weight"):
            tensors[name.replace("lora_B.weight", "lora_magnitude_vector")] = torch.ones(value.shape[0]) * 2
    path = saved("dora", tensors)
    assert same(drawn(path), plainly(path))
    assert not same(drawn(path), drawn(without))


@pytest.mark.parametrize(("suffix", "says"), [
    (".dora_scale", "DoRA"), (".hada_w1_a", "LoHa"), (".lokr_w1", "LoKr"), (".oft_diag", "OFT"), (".diff", "whole differences"),
    (".lora_mid.weight", "Tucker"),
])
def test_what_is_no_plain_lora_is_refused_by_its_kind(saved: Callable[..., Path], suffix: str, says: str) -> None:
    tensors = kohya(layers(), lambda layer: 4.0)
    first = next(iter(tensors)).partition(".")[0]
    assert says in refused(saved("other", {**tensors, first + suffix: torch.ones(32, 1)}))


@pytest.mark.parametrize(("change", "says"), [
    ({"lora_unet_down_blocks_9_attentions_0_transformer_blocks_0_attn1_to_q": (4, 32)}, "2 of its"),
    ({"lora_te2_text_model_encoder_layers_9_self_attn_q_proj": (4, 32)}, "2 of its"),
    ({"lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q": (4, 48)}, "1 of its"),
], ids=["no such block", "no such layer of a text encoder", "another width"])
def test_a_lora_that_fits_by_half_is_refused(saved: Callable[..., Path], change: dict[str, tuple[int, int]], says: str) -> None:
    tensors = kohya(layers())
    for layer, (rank, width) in change.items():
        tensors[f"{layer}.lora_down.weight"], tensors[f"{layer}.lora_up.weight"] = torch.ones(rank, width), torch.ones(32, rank)
    message = refused(saved("half", tensors))
    assert says in message and "does not fit" in message


def test_a_matrix_without_its_other_is_refused(saved: Callable[..., Path]) -> None:
    tensors = named(layers())
    tensors.pop(next(name for name in tensors if ".lora_B." in name))
    assert "1 of its" in refused(saved("single", tensors))


@pytest.mark.parametrize("header", ["{", "[]", '{"unet.lora_alpha": "much"}', '{"unet.alpha_pattern": {"(a+)+$": 1}}',
                                    '{"unet.init_lora_weights": "pissa"}'])
def test_a_header_that_cannot_be_read_is_told(saved: Callable[..., Path], header: str) -> None:
    refused(saved("header", named(layers()), {"lora_adapter_metadata": header}))


def test_the_facts_count_the_tensors_that_act() -> None:
    [row] = facts(request(**lora("b")))["loras"]
    assert row == {"weights": digest("b")[:10], "matched": len(layers()), "unmatched": 0}
    assert "loras" not in facts(request())


def test_the_lora_inside_a_faceid_adapter_acts_as_in_diffusers() -> None:
    face = np.load(inputs()[digest("face1")])
    embeds = torch.from_numpy(np.stack([np.zeros_like(face), face]))[:, None]
    wanted = request(faces={"weights": digest("faceid with a lora"), "scale": 0.7, "embeddings": [digest("face1")]}, **lora("b"))

    def load(pipe: Any) -> None:
        folder = tiny.models() / "ip_adapter"
        pipe.load_ip_adapter(folder, subfolder="", weight_name="faceid_lora.safetensors", image_encoder_folder=None)
        pipe.set_ip_adapter_scale(0.7)
        pipe.load_lora_weights(tiny.models() / "loras", weight_name="b.safetensors", adapter_name="b")
        pipe.set_adapters(["b", "faceid_0"], [0.8, 1.0])

    [made] = shared().perform([wanted], inputs(), lambda: False)
    assert isinstance(made, Rendered), made
    assert same(np.asarray(made.pixels).astype(int), plain(load, ip_adapter_image_embeds=[embeds]))
