"""Soft edges by HED's network of controlnet_aux, with random weights: the library's own picture, and unfit weights by name."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import save_file

from calotype.ground.diagnostics import Problem
from calotype.ground.images import digest_of
from calotype.workers.plugins import Registry

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from controlnet_aux.hed import ControlNetHED_Apache2, HEDdetector

FILE = "ControlNetHED.safetensors"


@pytest.fixture(scope="module")
def network() -> Any:
    import torch

    torch.manual_seed(2)
    return ControlNetHED_Apache2().float().eval()


@pytest.fixture(scope="module")
def photos() -> list[Image.Image]:
    return [Image.fromarray(np.random.default_rng(seed).integers(0, 256, (64, 128, 3), np.uint8)) for seed in range(2)]


def folder_with(tensors: dict[str, Any], folder: Path) -> Path:
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / FILE)
    return folder


def made(photos: list[Image.Image], folder: Path, size: tuple[int, int] = (128, 64)) -> list[Image.Image]:
    digest = str(folder)
    inputs = {digest: folder}
    for photo in photos:
        inputs[digest_of(photo)] = folder.parent / f"{digest_of(photo)}.png"
        photo.save(inputs[digest_of(photo)])
    requests = [{"epoch": 2, "type": "softedge", "pixels": digest_of(photo), "size": list(size),
                 "preprocessor": {"name": "hed", "weights": digest}} for photo in photos]
    return [answer.pixels for answer in Registry().conditioner("hed").perform(requests, inputs, lambda: False)]


def test_a_map_is_that_of_a_plain_call_alone_and_in_company(photos: list[Image.Image], network: Any, tmp_path: Path) -> None:
    plain = [HEDdetector(network)(photo, detect_resolution=64, image_resolution=64).tobytes() for photo in photos]
    folder = folder_with(network.state_dict(), tmp_path)
    assert plain[0] != plain[1]
    for order in ([0, 1], [1, 0], [1], [0]):
        assert [picture.tobytes() for picture in made([photos[at] for at in order], folder)] == [plain[at] for at in order]


def test_a_map_is_of_the_size_asked_though_the_network_sees_multiples_of_64(
    photos: list[Image.Image], network: Any, tmp_path: Path,
) -> None:
    [edges] = made(photos[:1], folder_with(network.state_dict(), tmp_path), (104, 72))
    assert (edges.size, edges.mode) == ((104, 72), "RGB") and np.asarray(edges).std() > 0


@pytest.mark.parametrize(("change", "words"), [
    (lambda tensors: {name: part for name, part in tensors.items() if name != "norm"}, "lacks `norm`"),
    (lambda tensors: {**tensors, "norm": tensors["norm"][:, :1]}, "has other sizes of `norm`"),
    (lambda tensors: {**tensors, "extra": tensors["norm"] + 1}, "has no place for `extra`"),
], ids=["missing", "of another size", "of no place"])
def test_a_tensor_that_does_not_fit_is_named(
    photos: list[Image.Image], network: Any, tmp_path: Path, change: Any, words: str,
) -> None:
    with pytest.raises(Problem, match=words) as raised:
        made(photos[:1], folder_with(change(dict(network.state_dict())), tmp_path))
    assert raised.value.diagnostics[0].code == "weights-unfit"


def test_a_pickle_is_refused(photos: list[Image.Image], tmp_path: Path) -> None:
    (tmp_path / "ControlNetHED.pth").write_bytes(b"\x80\x04.")
    with pytest.raises(Problem) as raised:
        made(photos[:1], tmp_path)
    assert raised.value.diagnostics[0].code == "pickle-refused"
