"""Depth by a Depth Anything of transformers, small and random: the library's own picture, and unfit weights by name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file, save_file

from calotype.ground.diagnostics import Problem
from calotype.ground.images import digest_of
from calotype.language.condition import MODELS
from calotype.language.control import preprocessor_of
from calotype.models.licences import rows
from calotype.workers.plugins import Registry

SIZE = (96, 64)
WEIGHTS = "ab" * 32


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config, DPTImageProcessor

    folder = tmp_path_factory.mktemp("depth_anything")
    torch.manual_seed(4)
    backbone = Dinov2Config(
        hidden_size=32, num_hidden_layers=4, num_attention_heads=4, intermediate_size=64, image_size=56, patch_size=14,
        out_features=["stage1", "stage2", "stage3", "stage4"], apply_layernorm=True, reshape_hidden_states=False)
    DepthAnythingForDepthEstimation(DepthAnythingConfig(
        backbone_config=backbone, patch_size=14, reassemble_hidden_size=32, neck_hidden_sizes=[8, 8, 16, 16],
        fusion_hidden_size=8, head_hidden_size=8)).save_pretrained(folder)
    DPTImageProcessor(size={"height": 56, "width": 56}, keep_aspect_ratio=True, ensure_multiple_of=14).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    paths = [tmp_path_factory.mktemp("photos") / f"{number}.png" for number in range(3)]
    for number, path in enumerate(paths):
        Image.fromarray(np.random.default_rng(number).integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8)).save(path)
    return paths


def made(photos: list[Path], folder: Path, digest: str = WEIGHTS, name: str = "depth_anything") -> list[Image.Image]:
    pixels = {digest_of(Image.open(path)): path for path in photos}
    requests = [{"epoch": 2, "type": "depth", "pixels": value, "size": list(SIZE),
                 "preprocessor": {"name": name, "weights": digest}} for value in pixels]
    worker = Registry().conditioner(name)
    return [answer.pixels for answer in worker.perform(requests, {**pixels, digest: folder}, lambda: False)]


def plainly(photo: Path, folder: Path) -> bytes:
    """What the library gives of the picture, scaled to 8 bits."""
    import torch
    from transformers import AutoModelForDepthEstimation, DPTImageProcessor

    kind: Any = AutoModelForDepthEstimation
    processor = DPTImageProcessor.from_pretrained(folder)
    with torch.no_grad():
        answer = kind.from_pretrained(folder)(**processor(images=Image.open(photo), return_tensors="pt"))
    near = processor.post_process_depth_estimation(answer, [(SIZE[1], SIZE[0])])[0]["predicted_depth"].numpy()
    scaled = np.rint((near - near.min()) / (near.max() - near.min()) * 255).astype(np.uint8)
    return Image.fromarray(scaled).convert("RGB").tobytes()


def refusal(photos: list[Path], folder: Path, digest: str, name: str = "depth_anything") -> str:
    with pytest.raises(Problem) as raised:
        made(photos[:1], folder, digest, name)
    [diagnostic] = raised.value.diagnostics
    assert diagnostic.code == "weights-unfit" and diagnostic.hint
    return diagnostic.message


def copied(weights: Path, to: Path) -> Path:
    return Path(shutil.copytree(weights, to / "other"))


def test_a_map_is_that_of_a_plain_call_alone_and_in_company_in_any_order(photos: list[Path], weights: Path) -> None:
    plain = [plainly(photo, weights) for photo in photos]
    assert len(set(plain)) == 3
    for order in ([0], [0, 1, 2], [2, 0, 1], [1]):
        maps = made([photos[number] for number in order], weights)
        assert [picture.tobytes() for picture in maps] == [plain[number] for number in order]


@pytest.mark.parametrize(("change", "words"), [
    (lambda tensor: None, "lacks 1 tensors, such as `head.conv1.weight`"),
    (lambda tensor: tensor[:, :4].contiguous(), "has other sizes of 1 tensors, such as `head.conv1.weight`"),
], ids=["missing", "of another size"])
def test_a_tensor_that_does_not_fit_is_named(
    photos: list[Path], weights: Path, tmp_path: Path, change: Any, words: str,
) -> None:
    folder = copied(weights, tmp_path)
    tensors = load_file(folder / "model.safetensors")
    replaced = change(tensors.pop("head.conv1.weight"))
    if replaced is not None:
        tensors["head.conv1.weight"] = replaced
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    assert words in refusal(photos, folder, "cd" * 32)


def test_a_model_that_tells_metres_is_refused(photos: list[Path], weights: Path, tmp_path: Path) -> None:
    folder = copied(weights, tmp_path)
    settings = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**settings, "depth_estimation_type": "metric", "max_depth": 20}))
    assert "depth_estimation_type: metric" in refusal(photos, folder, "ef" * 32)


def test_a_model_of_another_kind_is_refused_by_what_it_is(photos: list[Path], weights: Path) -> None:
    assert "`model_type: depth_anything`" in refusal(photos, weights, WEIGHTS, name="midas")


def test_unless_a_project_says_otherwise_it_takes_a_model_that_may_be_used_commercially() -> None:
    taken = preprocessor_of("depth", {"depth": {"preprocessor": {"name": "depth_anything"}}})["model"]
    assert taken == MODELS["depth_anything"]
    [row] = [row for row in rows() if taken in row["names"]]
    assert row["commercial"] == "yes"
