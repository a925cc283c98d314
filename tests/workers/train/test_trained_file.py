"""The file of a trained LoRA acts where it is read just as the adapter did that was trained."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open

import sdxl
import tiny
import training
from calotype.workers.render.diffusers import loader
from calotype.workers.render.diffusers.families import FAMILIES
from calotype.workers.render.diffusers.lora import lora_file
from calotype.workers.render.diffusers.lora.adapters import Adapters
from calotype.workers.train.adapter import TrainedAdapter
from calotype.workers.train.lora_writer import lora_file as packed_lora
from calotype.workers.train.tensor_file import packed
from calotype.workers.train.training_job import TrainingSettings

pytestmark = pytest.mark.filterwarnings("ignore")


def pipeline() -> Any:
    return loader.base(sdxl.inputs()[sdxl.digest("base")], torch.float32, None, FAMILIES["sdxl"])


def heard(unet: Any) -> torch.Tensor:
    """What a U-Net says of some noise."""
    chance = torch.Generator().manual_seed(1)
    with torch.no_grad():
        said: torch.Tensor = unet(
            torch.randn(1, 4, 8, 8, generator=chance), torch.tensor([400]),
            torch.randn(1, 77, tiny.CROSS, generator=chance), return_dict=False,
            added_cond_kwargs={"text_embeds": torch.randn(1, 32, generator=chance), "time_ids": torch.zeros(1, 6)})[0]
    return said


@pytest.fixture(params=[{"rank": 4}, {"rank": 4, "alpha": 1.0}, {"rank": 8, "alpha": 16.0}],
                ids=["alpha as rank", "alpha below", "alpha above"])
def trained(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, torch.Tensor]:
    """A file, and what the U-Net says whose adapter is in it."""
    unet, settings = pipeline().unet, TrainingSettings(**request.param)
    adapter = TrainedAdapter(unet, settings)
    chance = torch.Generator().manual_seed(2)
    for value in adapter.matrices.values():
        value.data = torch.randn(value.shape, generator=chance) * 0.3
    path = tmp_path / "luca.safetensors"
    path.write_bytes(packed_lora(adapter, training.job(tmp_path, **request.param)))
    return path, heard(unet)


def test_the_renderer_draws_with_what_was_trained(trained: tuple[Path, torch.Tensor]) -> None:
    path, expected = trained
    pipe = pipeline()
    plain = heard(pipe.unet)
    adapters = Adapters(
        pipe, "SDXL", lambda key: lora_file.layers_of(lora_file.read(path, loader.tensors(path), "SDXL"), pipe))
    adapters.activate([("0" * 64, 1.0)])
    assert torch.equal(heard(pipe.unet), expected) and not torch.allclose(plain, expected, atol=1e-2)
    assert set(adapters.matched.values()) == {len(loader.tensors(path))}
    adapters.activate([])
    assert torch.equal(heard(pipe.unet), plain)


def test_a_plain_diffusers_program_draws_with_it_alike(trained: tuple[Path, torch.Tensor]) -> None:
    path, expected = trained
    pipe = pipeline()
    pipe.load_lora_weights(path)
    assert torch.allclose(heard(pipe.unet), expected, atol=1e-5)


def test_alpha_stands_in_the_header_and_beside_each_layer(trained: tuple[Path, torch.Tensor]) -> None:
    path, _ = trained
    with safe_open(path, framework="pt") as file:
        notes, names = file.metadata(), list(file.keys())
        alphas = {float(file.get_tensor(name)) for name in names if name.endswith(".alpha")}
    assert {float(notes["ss_network_alpha"])} == alphas
    assert len([name for name in names if name.endswith(".alpha")]) * 3 == len(names)
    assert notes["modelspec.trigger_phrase"] == "luca" and notes["modelspec.architecture"].startswith("stable-diffusion-xl")


def test_only_attention_of_the_unet_is_trained_and_every_attention_is() -> None:
    unet = pipeline().unet
    layers = TrainedAdapter(unet, TrainingSettings(rank=2)).layers()
    attentions = [name.removesuffix(".processor") for name in unet.attn_processors]
    assert layers.keys() == {f"{name}.{projection}" for name in attentions
                             for projection in ("to_q", "to_k", "to_v", "to_out.0")}
    frozen = [name for name, value in unet.named_parameters() if value.requires_grad and "lora_" not in name]
    assert frozen == []


def test_a_file_of_tensors_is_one_that_the_library_reads() -> None:
    from safetensors.torch import load

    tensors = {"b": torch.arange(6.0).reshape(2, 3).T, "a": torch.tensor(2.5), "c": torch.zeros(0)}
    data = packed(tensors, {"z": "1", "a": "ü"})
    read = load(data)
    assert read.keys() == tensors.keys() and all(torch.equal(read[name], tensors[name]) for name in tensors)
    length = int.from_bytes(data[:8], "little")
    assert length % 8 == 0 and json.loads(data[8:8 + length])["__metadata__"] == {"a": "ü", "z": "1"}
