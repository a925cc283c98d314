"""Control maps made of pictures, by real detectors; those with networks have small or random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from calotype.ground.diagnostics import Problem
from calotype.ground.images import pixels_of
from calotype.language.condition import PREPROCESSORS
from calotype.workers.condition import conditioner_of
from calotype.workers.condition.midas import depth
from calotype.workers.plugins import Registry
from calotype.workers.render.mannequin.draw import draw as drawing

WEIGHTS = "cd" * 32
FIGURE = {
    "renderer": "mannequin", "epoch": 1, "seed": 1, "size": [128, 128], "drawing": "line", "view": "lateral",
    "side": "right", "position": "standing", "posture": {"base": "standing"}, "muscles": [], "joints": [],
}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    picture = Image.new("RGB", (96, 64), "white")
    picture.paste("black", (32, 16, 64, 48))
    picture.save(path)
    return path


def made(photo: Path, settings: dict[str, Any], size: tuple[int, int] = (96, 64), weights: Path | None = None) -> Any:
    pixels = pixels_of(photo)
    components = {"epoch": 1, "type": "any", "pixels": pixels, "size": list(size), "preprocessor": settings}
    inputs = {pixels: photo, **({WEIGHTS: weights} if weights else {})}
    [outcome] = Registry().conditioner(conditioner_of(components)).perform([components], inputs, lambda: False)
    return outcome.pixels  # type: ignore[union-attr]


def refusal(photo: Path, settings: dict[str, Any], weights: Path | None = None) -> str:
    with pytest.raises(Problem) as raised:
        made(photo, settings, weights=weights)
    return raised.value.diagnostics[0].code


def test_canny_finds_the_edges_and_nothing_else(photo: Path) -> None:
    edges = np.asarray(made(photo, {"name": "canny", "low": 100, "high": 200}))
    assert edges.shape == (64, 96, 3) and set(np.unique(edges)) == {0, 255}
    rows, columns = np.nonzero(edges[:, :, 0])
    assert {rows.min(), rows.max()} <= {15, 16, 47, 48} and {columns.min(), columns.max()} <= {31, 32, 63, 64}


def test_canny_keeps_to_its_thresholds(tmp_path: Path) -> None:
    soft = tmp_path / "soft.png"
    picture = Image.new("RGB", (64, 64), (120, 120, 120))
    picture.paste((150, 150, 150), (16, 16, 48, 48))
    picture.save(soft)
    strict = np.asarray(made(soft, {"name": "canny", "low": 100, "high": 200}, (64, 64)))
    open_handed = np.asarray(made(soft, {"name": "canny", "low": 20, "high": 60}, (64, 64)))
    assert strict.max() == 0 and open_handed.max() == 255


def test_the_edges_of_a_drawing_lie_on_its_lines(tmp_path: Path) -> None:
    picture = drawing(FIGURE)
    path = tmp_path / "figure.png"
    picture.save(path)
    edges = np.asarray(made(path, {"name": "canny"}, (128, 128)))[:, :, 0] > 0
    dark = np.asarray(picture.convert("L")) < 250
    near = np.zeros_like(dark)
    for down in range(-2, 3):
        for across in range(-2, 3):
            near |= np.roll(dark, (down, across), (0, 1))
    assert edges.sum() > 100 and (edges & near).sum() > 0.95 * edges.sum()


def test_a_picture_is_brought_to_the_size_by_covering_it(photo: Path) -> None:
    assert made(photo, {"name": "canny"}, (64, 64)).size == (64, 64)
    assert made(photo, {"name": "canny"}, (200, 104)).size == (200, 104)


def test_the_same_picture_gives_the_same_map(photo: Path) -> None:
    settings = {"name": "canny", "low": 50, "high": 150}
    assert made(photo, settings).tobytes() == made(photo, settings).tobytes()


@pytest.fixture(scope="module")
def dpt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A depth model of the kind of Intel/dpt-large, small and random."""
    import torch
    from transformers import DPTConfig, DPTForDepthEstimation, DPTImageProcessor

    folder = tmp_path_factory.mktemp("dpt")
    torch.manual_seed(3)
    config = DPTConfig(
        hidden_size=32, num_hidden_layers=4, num_attention_heads=4, intermediate_size=37, image_size=32, patch_size=16,
        backbone_out_indices=[0, 1, 2, 3], neck_hidden_sizes=[16, 16, 32, 32], fusion_hidden_size=16, is_hybrid=False,
    )
    DPTForDepthEstimation(config).save_pretrained(folder)
    DPTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


def test_depth_is_of_the_picture_s_size_and_repeatable(photo: Path, dpt: Path) -> None:
    settings = {"name": "midas", "weights": WEIGHTS}
    first = made(photo, settings, weights=dpt)
    assert first.size == (96, 64) and np.asarray(first).max() == 255 and np.asarray(first).min() == 0
    assert first.tobytes() == made(photo, settings, weights=dpt).tobytes()


def test_other_weights_in_the_same_folder_are_read_anew(photo: Path, dpt: Path, tmp_path: Path) -> None:
    """A process that lives long, such as `watch`, has the first ones loaded."""
    import shutil

    from safetensors.torch import load_file, save_file

    folder = tmp_path / "dpt"
    shutil.copytree(dpt, folder)
    picture = Image.open(photo)
    first = depth(picture, folder, "first")
    head = load_file(folder / "model.safetensors")
    save_file({name: tensor.flip(0) if "head" in name else tensor for name, tensor in head.items()},
              folder / "model.safetensors", {"format": "pt"})
    assert (depth(picture, folder, "first") == first).all() and not (depth(picture, folder, "second") == first).all()


def test_a_depth_model_of_another_make_is_refused_and_an_unread_layer_is_not_missed(photo: Path, dpt: Path, tmp_path: Path) -> None:
    """What a model lacks would be random; the first fusion layer of a DPT has a part that it never reads, and published
    files leave it out."""
    import shutil

    from safetensors.torch import load_file, save_file

    settings = {"name": "midas", "weights": WEIGHTS}
    whole = load_file(dpt / "model.safetensors")
    without = {name: {key: value for key, value in whole.items() if name not in key} for name in ("residual_layer1", "head.")}
    without["residual_layer1"] |= {key: value for key, value in whole.items() if "layers.0.residual_layer1" not in key}
    for name, tensors in without.items():
        folder = tmp_path / name
        shutil.copytree(dpt, folder)
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    assert made(photo, settings, weights=tmp_path / "residual_layer1").tobytes() == made(photo, settings, weights=dpt).tobytes()
    assert refusal(photo, settings, tmp_path / "head.") == "weights-unfit"
    save_file({**whole, "backbone.extra": whole["head.head.0.weight"].clone()}, tmp_path / "head." / "model.safetensors", {"format": "pt"})
    assert refusal(photo, settings, tmp_path / "head.") == "weights-unfit"


@pytest.fixture(scope="module")
def annotators(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """OpenPose's networks with random weights, in the names that they are published with."""
    import warnings

    import torch
    from safetensors.torch import save_file

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from controlnet_aux.open_pose.face import FaceNet
        from controlnet_aux.open_pose.model import bodypose_model, handpose_model

    folder = tmp_path_factory.mktemp("annotators")
    torch.manual_seed(3)
    for name, model, outer in (("body_pose_model", bodypose_model(), True), ("hand_pose_model", handpose_model(), True),
                               ("facenet", FaceNet(), False)):
        state = {key.partition(".")[2] if outer else key: value.contiguous() for key, value in model.state_dict().items()}
        save_file(state, folder / f"{name}.safetensors")
    return folder


def test_openpose_runs_on_weights_from_safetensors(photo: Path, annotators: Path) -> None:
    settings = {"name": "openpose", "hands": True, "face": True, "weights": WEIGHTS}
    found = made(photo, settings, weights=annotators)
    assert found.size == (96, 64) and found.mode == "RGB"
    assert found.tobytes() == made(photo, settings, weights=annotators).tobytes()


def test_openpose_without_hands_and_face_needs_the_body_s_network_alone(photo: Path, annotators: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "body_pose_model.safetensors").symlink_to(annotators / "body_pose_model.safetensors")
    assert made(photo, {"name": "openpose", "hands": False, "face": False, "weights": WEIGHTS}, weights=alone).size == (96, 64)
    assert refusal(photo, {"name": "openpose", "hands": True, "face": False, "weights": WEIGHTS}, alone) == "weights-missing"


def test_a_pickle_of_a_detector_is_refused_by_name(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "body_pose_model.pth").write_bytes(b"\x80\x04.")
    assert refusal(photo, {"name": "openpose", "weights": WEIGHTS}, tmp_path) == "pickle-refused"


def test_what_a_detector_lacks_is_said(photo: Path, tmp_path: Path) -> None:
    assert refusal(photo, {"name": "cany"}) == "unknown-conditioner"
    assert refusal(photo, {"name": "midas", "weights": WEIGHTS}) == "weights-missing"
    (tmp_path / "config.json").write_text("{}")
    assert refusal(photo, {"name": "midas", "weights": WEIGHTS}, tmp_path) == "weights-unfit"


def test_the_packaged_settings_are_the_module_s() -> None:
    assert PREPROCESSORS["canny"] == {"name": "canny", "low": 100, "high": 200}
    assert (PREPROCESSORS["openpose"]["hands"], PREPROCESSORS["openpose"]["face"]) == (True, True)
    assert PREPROCESSORS["depth"] == {"name": "midas", "model": "Intel/dpt-large"}
