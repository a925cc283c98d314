"""What is loaded is what was asked: the kind of model that its tensors say, whole, and the very file that the key names."""

from __future__ import annotations

import importlib.util
import json
import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file, save_file

import tiny
from calotype.ground.digest import sha256_file
from calotype.ground.images import digest_of, open_image
from calotype.models import weight_files
from calotype.workers.protocol import Failure, Rendered
from sdxl import Request, control, digest, inputs, made, request, same, shared

WEIGHTS = "diffusion_pytorch_model.safetensors"


def answer(wanted: Request, places: dict[str, Path] | None = None, fresh: bool = False) -> Rendered | Failure:
    [answer] = (made() if fresh else shared()).perform([wanted], {**inputs(), **(places or {})}, lambda: False)
    return answer


def drawn(wanted: Request, places: dict[str, Path] | None = None, fresh: bool = False) -> np.ndarray:
    picture = answer(wanted, places, fresh)
    assert isinstance(picture, Rendered), picture
    return np.asarray(picture.pixels).astype(int)


def refused(wanted: Request, places: dict[str, Path] | None = None) -> str:
    failure = answer(wanted, places)
    assert isinstance(failure, Failure) and failure.hint, failure
    return failure.message


def copied(name: str, folder: Path) -> Path:
    """A copy of a part of the tiny models, to be changed."""
    shutil.copytree(tiny.models() / name, folder / name.rpartition("/")[2])
    return folder / name.rpartition("/")[2]


def config(folder: Path, **changes: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def key(letter: str) -> str:
    return letter * 64


UNION = request(controls=[control("union", mode="canny")])


@pytest.mark.parametrize("name", ["ControlNetModel", "ControlNetModel_Union", ""])
def test_a_union_is_one_whatever_class_its_config_names(tmp_path: Path, name: str) -> None:
    folder = copied("controlnets/union", tmp_path)
    config(folder, _class_name=name)
    older = drawn(UNION, {digest("union"): folder}, fresh=True)
    assert same(older, drawn(UNION))
    assert not same(older, drawn(request(controls=[control("union", mode="openpose")])))


def test_a_kind_of_map_is_told_to_unions_and_to_no_other() -> None:
    assert "is no union" in refused(request(controls=[control("canny", mode="canny")]))
    assert "is not told the kind" in refused(request(controls=[control("union")]))


def test_a_union_of_eight_types_reads_tiles_and_what_is_painted_anew(tmp_path: Path) -> None:
    tiny.union(tmp_path / "promax", 5, types=8)
    drawings = {mode: drawn(request(controls=[control("union", mode=mode)]), {digest("union"): tmp_path / "promax"}, fresh=True)
                for mode in ("segmentation", "tile", "repaint", "inpaint")}
    assert same(drawings["repaint"], drawings["inpaint"])
    assert not any(same(drawings[mode], drawings[other]) for mode, other in
                   (("segmentation", "tile"), ("tile", "repaint"), ("repaint", "segmentation")))


@pytest.mark.parametrize("mode", ["tile", "repaint", "inpaint", "outpaint"])
def test_a_union_of_six_types_refuses_what_only_promax_reads(mode: str) -> None:
    assert f"this union ControlNet of 6 types has no map `{mode}`" in refused(request(controls=[control("union", mode=mode)]))


PLACES = {
    "base/unet": (WEIGHTS, "base", {}), "base/vae": (WEIGHTS, "base", {}), "base/text_encoder": ("model.safetensors", "base", {}),
    "base/text_encoder_2": ("model.safetensors", "base", {}), "vae": (WEIGHTS, "vae", {"models": {"vae": digest("vae")}}),
    "refiner/unet": (WEIGHTS, "refiner", {"refiner_start": 0.5, "steps": 4, "models": {"refiner": digest("refiner")}}),
    "controlnets/canny": (WEIGHTS, "canny", {"controls": [control("canny")]}),
    "controlnets/union": (WEIGHTS, "union", {"controls": [control("union", mode="canny")]}),
    "ip_adapter/encoder": ("model.safetensors", "encoder", {"faces": {
        "weights": digest("adapter"), "encoder": digest("encoder"), "scale": 0.7, "pictures": [digest("photo")]}}),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_model_that_lacks_tensors_or_has_others_is_refused(tmp_path: Path, place: str) -> None:
    """The tensors that a file lacks would be random, other ones in each run."""
    file, name, changes = PLACES[place]
    top = place.partition("/")[0] if place.startswith(("base", "refiner")) else place
    folder = copied(top, tmp_path)
    path = (tmp_path / place if top != place else folder) / file
    whole = load_file(path)
    last = sorted(whole)[-1]
    save_file({tensor: value for tensor, value in whole.items() if tensor != last}, path, {"format": "pt"})
    assert "lacks 1 tensors" in refused(renamed(request(**changes), name, key("4")), {key("4"): folder})
    save_file({**whole, "another.weight": whole[last].clone()}, path, {"format": "pt"})
    assert "`another.weight`" in refused(renamed(request(**changes), name, key("5")), {key("5"): folder})


def renamed(wanted: Request, name: str, digest_: str) -> Request:
    """The request with other weights in the place of those called `name`."""
    return dict(json.loads(json.dumps(wanted).replace(digest(name), digest_)))


def test_the_file_that_the_key_names_is_loaded_of_several_variants(tmp_path: Path) -> None:
    folder = copied("controlnets/canny", tmp_path)
    shutil.copy(tiny.models() / "controlnets/openpose" / WEIGHTS, folder / "diffusion_pytorch_model.fp16.safetensors")
    plain, half = (weight_files.digest(folder, variant, sha256_file) for variant in (None, "fp16"))
    places = {plain: folder, half: folder}
    for weights, name in ((plain, "canny"), (half, "openpose")):
        wanted = request(controls=[{**control("canny"), "weights": weights}])
        assert same(drawn(wanted, places), drawn(request(controls=[control(name)])))


def test_a_model_of_one_variant_alone_is_loaded(tmp_path: Path) -> None:
    folder = copied("controlnets/canny", tmp_path)
    (folder / WEIGHTS).rename(folder / "diffusion_pytorch_model.fp16.safetensors")
    wanted = request(controls=[{**control("canny"), "weights": key("b")}])
    assert same(drawn(wanted, {key("b"): folder}), drawn(request(controls=[control("canny")])))


def test_weights_that_changed_since_the_plan_are_not_loaded(tmp_path: Path) -> None:
    folder = copied("controlnets/canny", tmp_path)
    shutil.copy(folder / WEIGHTS, folder / "diffusion_pytorch_model.fp16.safetensors")
    message = refused(request(controls=[{**control("canny"), "weights": key("c")}]), {key("c"): folder})
    assert "have changed" in message


def test_the_mean_and_spread_of_a_vae_s_latents_count(tmp_path: Path) -> None:
    import diffusers
    import torch

    folder = copied("vae", tmp_path)
    config(folder, latents_mean=[0.4, -0.2, 0.1, 0.3], latents_std=[0.9, 1.1, 1.2, 0.8])
    ours = drawn(request(models={"vae": key("d")}), {key("d"): folder})
    assert not same(ours, drawn(request(models={"vae": digest("vae")})))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        vae = diffusers.AutoencoderKL.from_pretrained(folder)
        pipe = diffusers.StableDiffusionXLPipeline.from_pretrained(tiny.models() / "base", vae=vae, add_watermarker=False)
        pipe.scheduler = diffusers.DPMSolverMultistepScheduler.from_config(pipe.scheduler.config, use_karras_sigmas=True)
        pipe.set_progress_bar_config(disable=True)
        image = pipe("a boy standing", num_inference_steps=2, guidance_scale=5.0, width=64, height=64,
                     generator=torch.Generator("cpu").manual_seed(1)).images[0]
    assert same(ours, np.asarray(image).astype(int))


def test_models_of_other_families_are_told_from_sdxl(tmp_path: Path) -> None:
    older = copied("base", tmp_path)
    index = older / "model_index.json"
    index.write_text(index.read_text().replace("StableDiffusionXLPipeline", "StableDiffusionPipeline"))
    message = refused(request(models={"base": key("e")}), {key("e"): older})
    assert "is no SDXL model" in message and "Stable Diffusion 1.5" in message
    tiny.controlnet(tmp_path / "net", 1, {**tiny.CONTROLNET, "cross_attention_dim": 768})
    message = refused(request(controls=[{**control("canny"), "weights": key("f")}]), {key("f"): tmp_path / "net"})
    assert "texts of width 768" in message and "1.5" in message
    tiny.vae(tmp_path / "sixteen", 1, {**tiny.VAE, "latent_channels": 16})
    message = refused(request(models={"vae": key("1")}), {key("1"): tmp_path / "sixteen"})
    assert "16 latent channels" in message


def test_guidance_is_rescaled_beside_a_controlnet_too() -> None:
    """A ControlNet of no strength leaves the picture as it is without one."""
    silent = {"controls": [control("canny", strength=0.0)]}
    assert same(drawn(request(**silent, guidance_rescale=0.7)), drawn(request(guidance_rescale=0.7)))
    assert not same(drawn(request(**silent, guidance_rescale=0.7)), drawn(request(**silent)))
    assert same(drawn(request(**silent, guidance_rescale=0.7, guidance_scale=1.0)), drawn(request(guidance_scale=1.0)))


def test_the_colours_of_classes_are_not_mixed_where_a_map_is_scaled(tmp_path: Path) -> None:
    colours = np.random.default_rng(1).integers(0, 2, (160, 160, 1)) * np.array([[[200, 30, 90]]])
    Image.fromarray(colours.astype(np.uint8)).save(tmp_path / "large.png")
    Image.open(tmp_path / "large.png").resize((64, 64), Image.Resampling.NEAREST).save(tmp_path / "small.png")
    places = {digest_of(open_image(path)): path for path in (tmp_path / "large.png", tmp_path / "small.png")}
    large, small = ({**control("canny"), "pixels": pixels} for pixels in places)
    fitted = drawn(request(controls=[small]), places)
    assert same(drawn(request(controls=[{**large, "scaled": "nearest"}]), places), fitted)
    assert not same(drawn(request(controls=[large]), places), fitted)


def test_low_memory_gives_the_same_picture_unless_the_request_says_tiles() -> None:
    wanted = request(size=[1104, 64], steps=1)
    low = made(memory="low")
    [whole] = low.perform([wanted], inputs(), lambda: False)
    [tiled] = low.perform([request(size=[1104, 64], steps=1, models={"tiles": True})], inputs(), lambda: False)
    assert isinstance(whole, Rendered) and isinstance(tiled, Rendered)
    assert same(np.asarray(whole.pixels).astype(int), drawn(wanted))
    assert whole.pixels.tobytes() != tiled.pixels.tobytes()


def schedulers() -> list[str]:
    from calotype.workers.render.diffusers import schedulers

    return sorted(schedulers._names())


def test_every_scheduler_gives_the_same_bytes_again_or_is_refused_in_words() -> None:
    import torch

    refusals = {}
    for name in schedulers():
        wanted = request(steps=3, scheduler={"name": name, "args": {}})
        torch.manual_seed(1)
        first = answer(wanted)
        torch.manual_seed(2)
        second = answer(wanted)
        if isinstance(first, Failure):
            refusals[name] = first.message
            assert isinstance(second, Failure) and first.hint
        else:
            assert isinstance(second, Rendered) and first.pixels.tobytes() == second.pixels.tobytes(), name
    assert len(refusals) < len(schedulers()) / 2
    assert ("DPMSolverSDEScheduler" in refusals) == (importlib.util.find_spec("torchsde") is None)


def test_a_scheduler_that_needs_a_package_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torchsde" else find(name))
    message = refused(request(scheduler={"name": "DPMSolverSDEScheduler", "args": {}}))
    assert "torchsde, which is not installed" in message
