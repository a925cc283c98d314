"""A checkpoint in one file, as A1111 and Civitai exchange them, gives what the same weights give in a folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import single_file
import tiny
from calotype.workers.protocol import Failure, Rendered, Request
from sdxl import control, digest, inputs, made, request

FILE, FOLDER = "1" * 64, "2" * 64


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A base model in both forms. Its two text encoders differ in width: that is how they are told apart in a file."""
    folder = tmp_path_factory.mktemp("single")
    second = {**tiny.TEXT, "hidden_size": 48}
    tiny.base(folder / "base", 5, {**tiny.UNET, "cross_attention_dim": 80}, texts=(tiny.TEXT, second))
    single_file.write(folder / "base", folder / "model.safetensors")
    return {FOLDER: folder / "base", FILE: folder / "model.safetensors"}


def drawn(wanted: Request, places: dict[str, Path]) -> np.ndarray:
    [found] = list(made().perform([wanted], places, lambda: False))
    assert isinstance(found, Rendered), found
    return np.asarray(found.pixels)


def test_a_file_gives_what_a_folder_gives(places: dict[str, Path]) -> None:
    folder = drawn(request(models={"base": FOLDER}), places)
    assert np.array_equal(drawn(request(models={"base": FILE, "config": FOLDER}), places), folder)


def test_a_checkpoint_that_is_a_pickle_is_refused(places: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "model.ckpt"
    path.write_bytes(b"\x80\x04.")
    wanted = request(models={"base": FILE, "config": FOLDER})
    [found] = list(made().perform([wanted], {**places, FILE: path}, lambda: False))
    assert isinstance(found, Failure) and "model.ckpt" in found.message and "pickle" in found.message


@pytest.mark.parametrize("zero", [False, True], ids=["v_pred", "v_pred and ztsnr"])
def test_a_checkpoint_that_predicts_velocities_is_drawn_as_one(places: dict[str, Path], tmp_path: Path, zero: bool) -> None:
    """Trainers mark it by tensors of these names; a folder says it in its scheduler's config."""
    marks = {"v_pred": torch.tensor([]), **({"ztsnr": torch.tensor([])} if zero else {})}
    save_file({**load_file(places[FILE]), **marks}, tmp_path / "v.safetensors")
    shutil.copytree(places[FOLDER], tmp_path / "v")
    config = tmp_path / "v/scheduler/scheduler_config.json"
    config.write_text(json.dumps({
        **json.loads(config.read_text()), "prediction_type": "v_prediction", **({"rescale_betas_zero_snr": True} if zero else {})}))
    velocities = {FILE: tmp_path / "v.safetensors", FOLDER: tmp_path / "v"}
    wanted = {"base": FILE, "config": FOLDER}
    ours = drawn(request(models=wanted), {**velocities, FOLDER: places[FOLDER]})
    folder = drawn(request(models={"base": FOLDER}), velocities)
    assert np.abs(ours.astype(int) - folder.astype(int)).max() <= 1  # a file's matrices lie otherwise in memory
    assert not np.array_equal(ours, drawn(request(models=wanted), places))


def test_a_header_says_it_too_and_a_scheduler_that_cannot_begin_at_noise_is_refused(places: dict[str, Path], tmp_path: Path) -> None:
    save_file(load_file(places[FILE]), tmp_path / "v.safetensors", {"modelspec.prediction_type": "v"})
    wanted = request(models={"base": FILE, "config": FOLDER})
    assert not np.array_equal(drawn(wanted, {**places, FILE: tmp_path / "v.safetensors"}), drawn(wanted, places))
    marks = {"v_pred": torch.tensor([]), "ztsnr": torch.tensor([])}
    save_file({**load_file(places[FILE]), **marks}, tmp_path / "z.safetensors")
    heun = request(models={"base": FILE, "config": FOLDER}, scheduler={"name": "HeunDiscreteScheduler", "args": {}})
    [found] = list(made().perform([heun], {**places, FILE: tmp_path / "z.safetensors"}, lambda: False))
    assert isinstance(found, Failure) and "cannot begin at pure noise" in found.message


@pytest.mark.parametrize(("name", "says"), [
    ("cond_stage_model.transformer.x", "Stable Diffusion 1.5 or 2"), ("double_blocks.0.x", "FLUX"), ("lora_unet_x.alpha", "something else"),
])
def test_a_file_of_another_family_is_told(places: dict[str, Path], tmp_path: Path, name: str, says: str) -> None:
    save_file({name: torch.ones(2)}, tmp_path / "other.safetensors")
    wanted = request(models={"base": FILE, "config": FOLDER})
    [found] = list(made().perform([wanted], {**places, FILE: tmp_path / "other.safetensors"}, lambda: False))
    assert isinstance(found, Failure) and "other.safetensors" in found.message and says in found.message


def test_a_file_that_lacks_tensors_is_refused(places: dict[str, Path], tmp_path: Path) -> None:
    whole = load_file(places[FILE])
    wanted = request(models={"base": FILE, "config": FOLDER})
    for start in ("model.diffusion_model.out.2", "first_stage_model.decoder.conv_out", "conditioner.embedders.1.model.ln_final"):
        save_file({key: value for key, value in whole.items() if not key.startswith(start)}, tmp_path / "less.safetensors")
        [found] = list(made().perform([wanted], {**places, FILE: tmp_path / "less.safetensors"}, lambda: False))
        assert isinstance(found, Failure) and "less.safetensors" in found.message, start


@pytest.mark.parametrize(("name", "mode"), [("canny", None), ("union", "canny")])
def test_a_controlnet_in_one_file_gives_what_its_folder_gives(tmp_path: Path, name: str, mode: str | None) -> None:
    path = tmp_path / "net.safetensors"
    save_file(load_file(next((tiny.models() / "controlnets" / name).glob("*.safetensors"))), path)
    told = {"mode": mode} if mode else {}
    wanted = [request(controls=[{**control(name, **told), "weights": weights}]) for weights in (digest(name), "3" * 64)]
    [folder, file] = [drawn(each, {**inputs(), "3" * 64: path}) for each in wanted]
    assert np.array_equal(folder, file)


@pytest.mark.parametrize("prefix", ["", "control_model."])
def test_a_controlnet_in_the_first_ones_words_gives_what_its_folder_gives(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "net.safetensors"
    single_file.write_controlnet(tiny.models() / "controlnets/canny", path, prefix)
    assert any(name.startswith(f"{prefix}label_emb.0.0") for name in load_file(path))
    wanted = [request(controls=[{**control("canny"), "weights": weights}]) for weights in (digest("canny"), "3" * 64)]
    [folder, file] = [drawn(each, {**inputs(), "3" * 64: path}) for each in wanted]
    assert np.abs(folder.astype(int) - file.astype(int)).max() <= 1
    for spoilt in ({**load_file(path), f"{prefix}more": torch.ones(1)},
                   {name: value for name, value in load_file(path).items() if "zero_convs.2." not in name}):
        save_file(spoilt, path)
        [found] = list(made().perform([wanted[1]], {**inputs(), "3" * 64: path}, lambda: False))
        assert isinstance(found, Failure) and "net.safetensors" in found.message


FULL_SIZE = {
    "sample_size": 128, "block_out_channels": (320, 640, 1280), "layers_per_block": 2, "cross_attention_dim": 2048,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20), "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816, "use_linear_projection": True,
}
"""SDXL's U-Net, as its config has it."""


@pytest.mark.parametrize("words", ["diffusers", "the first ones", "the first ones, in a whole checkpoint"])
def test_a_controlnet_of_full_size_is_carried_whole(words: str) -> None:
    """The layout of the packaged `openpose` net, 1.25 billion numbers: shapes and names alone, on no memory."""
    from accelerate import init_empty_weights
    from diffusers import ControlNetModel, UNet2DConditionModel

    from calotype.workers.render.diffusers.single_file import controlnet

    shared = {name: value for name, value in FULL_SIZE.items() if name not in ("sample_size", "up_block_types")}
    with init_empty_weights():
        unet, published = UNet2DConditionModel(**FULL_SIZE), ControlNetModel(**shared)
    names = {name: value.to("meta", torch.float32) for name, value in published.state_dict().items()}
    assert sum(value.numel() for value in names.values()) == 1_251_014_160  # 5.0 GB, as its page says
    if words != "diffusers":
        prefix = "control_model." if "whole" in words else ""
        names = {f"{prefix}{name}": value for name, value in single_file.controlnet_names(names, layers=2).items()}
    net, missing, unexpected = controlnet(names, False, unet, torch.float16)
    assert (missing, unexpected) == ([], [])
    assert {name: value.shape for name, value in net.state_dict().items()} == {
        name: value.shape for name, value in published.state_dict().items()}
    assert {value.dtype for value in net.state_dict().values()} == {torch.float16}
    assert net.config.conditioning_embedding_out_channels == (16, 32, 96, 256)


def test_a_vae_in_one_file_gives_what_its_folder_gives(tmp_path: Path) -> None:
    path = tmp_path / "vae.safetensors"
    single_file.write_vae(tiny.models() / "vae", path)
    [folder, file] = [drawn(request(models={"vae": vae}), {**inputs(), "3" * 64: path}) for vae in (digest("vae"), "3" * 64)]
    assert np.abs(folder.astype(int) - file.astype(int)).max() <= 1
    assert not np.array_equal(file, drawn(request(), inputs()))


def test_a_refiner_in_one_file_gives_what_its_folder_gives(tmp_path: Path) -> None:
    path = tmp_path / "refiner.safetensors"
    single_file.write_refiner(tiny.models() / "refiner", path)
    places = {**inputs(), "3" * 64: path}
    refined = {"refiner_start": 0.5, "steps": 4}
    folder = drawn(request(**refined, models={"refiner": digest("refiner")}), places)
    file = drawn(request(**refined, models={"refiner": "3" * 64, "refiner_config": digest("refiner")}), places)
    assert np.abs(folder.astype(int) - file.astype(int)).max() <= 1
    assert not np.array_equal(file, drawn(request(steps=4), places))


@pytest.mark.parametrize("wanted", [
    request(controls=[{**control("canny"), "weights": "3" * 64}]), request(models={"vae": "3" * 64}),
    request(refiner_start=0.5, steps=4, models={"refiner": "3" * 64, "refiner_config": digest("refiner")}),
], ids=["a ControlNet", "a VAE", "a refiner"])
@pytest.mark.parametrize("content", ["tensors of something else", "no tensors"])
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, wanted: Request, content: str) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"lora_unet_x.alpha": torch.ones(1)} if content != "no tensors" else {}, path)
    [failure] = list(made().perform([wanted], {**inputs(), "3" * 64: path}, lambda: False))
    assert isinstance(failure, Failure) and "other.safetensors" in failure.message and failure.hint
