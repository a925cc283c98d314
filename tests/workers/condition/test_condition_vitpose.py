"""The figure of a picture by ViTPose: by a small random model, number for number as the library has it, and by one that
finds dots, whose places are known."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import vitpose
from calotype.ground.diagnostics import Problem
from calotype.ground.images import pixels_of
from calotype.language.control import preprocessor_of
from calotype.language.keypoints.layouts import COCO_17, COCO_18
from calotype.language.pose import resolve
from calotype.workers.condition.figure_box import figure_box
from calotype.workers.condition.picture import VitPose
from calotype.workers.condition.vitpose import look, peaks_of
from calotype.workers.plugins import Registry
from calotype.workers.render.mannequin.maps import openpose

WEIGHTS = "cd" * 32
POSE = {"right": {"shoulder_abduction": 120, "elbow_flexion": 30}, "left": {"hip_abduction": 30}}


@pytest.fixture(scope="module")
def dots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vitpose.dots_model(tmp_path_factory.mktemp("dots"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vitpose.random_model(tmp_path_factory.mktemp("small"))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    noise = np.random.default_rng(1).integers(0, 255, (90, 70, 3), np.uint8)
    Image.fromarray(noise).save(path)
    return path


def drawn(photo: Path, weights: Path | None, **settings: Any) -> Any:
    pixels = pixels_of(photo)
    digest = hashlib.sha256(str(weights).encode()).hexdigest()
    request = {"epoch": 1, "type": "openpose", "pixels": pixels, "size": [70, 90],
               "preprocessor": {"name": "vitpose", "weights": digest, **settings}}
    inputs = {pixels: photo, **({digest: weights} if weights else {})}
    [outcome] = Registry().conditioner("vitpose").perform([request], inputs, lambda: False)
    return outcome.pixels  # type: ignore[union-attr]


def refusal(photo: Path, weights: Path | None) -> Any:
    with pytest.raises(Problem) as raised:
        drawn(photo, weights)
    return raised.value.diagnostics[0]


def test_the_points_are_those_of_the_library(photo: Path, small: Path) -> None:
    import torch
    from transformers import AutoImageProcessor, VitPoseForPoseEstimation

    picture = Image.open(photo)
    model: Any = VitPoseForPoseEstimation.from_pretrained(small)
    processor: Any = AutoImageProcessor.from_pretrained(small)
    boxes = [[[0.0, 0.0, 70.0, 90.0]]]
    with torch.no_grad():
        outputs = model(**processor(picture, boxes=boxes, return_tensors="pt"))
    [[theirs]] = processor.post_process_pose_estimation(outputs, boxes=boxes)
    ours = dict(zip(COCO_18, look(picture, small, "small").points, strict=True))
    assert [ours[name][:2] for name in COCO_17] == [tuple(point) for point in theirs["keypoints"].tolist()]
    assert [ours[name][2] for name in COCO_17] == theirs["scores"].tolist()


def test_the_strongest_peak_is_where_the_library_has_the_point(dots: Path) -> None:
    points = vitpose.asked(resolve(POSE, "standing", {}), "anterior")
    seen = look(vitpose.dotted(points, {"right_wrist": (260, 500)}), dots, "dots")
    named = dict(zip(COCO_18, seen.points, strict=True))
    for name in COCO_17:
        assert seen.peaks[name][0][:2] == pytest.approx(named[name][:2], abs=4)
    first, second = seen.peaks["right_wrist"]
    assert second[:2] == pytest.approx((260, 500), abs=6) or first[:2] == pytest.approx((260, 500), abs=6)


def test_what_is_drawn_is_the_figure_in_the_picture(tmp_path: Path, dots: Path) -> None:
    """As `controls: [{type: openpose, from: pose}]` would draw it, of the points that are there."""
    points = vitpose.asked(resolve(POSE, "standing", {}), "anterior", hidden=True)
    path, size = tmp_path / "dots.png", (vitpose.SIZE, vitpose.SIZE)
    vitpose.dotted(points).save(path)
    pixels = pixels_of(path)
    request = {"epoch": 1, "type": "openpose", "pixels": pixels, "size": list(size),
               "preprocessor": {"name": "vitpose", "weights": WEIGHTS}}
    [outcome] = VitPose().perform([request], {pixels: path, WEIGHTS: dots}, lambda: False)
    flat = [number for name in COCO_18 for number in (*points[name], 1.0)]
    wanted = openpose({"people": [{"pose_keypoints_2d": flat}], "canvas_width": size[0], "canvas_height": size[1]})
    found, due = (np.asarray(picture).max(axis=2) > 0 for picture in (outcome.pixels, wanted))  # type: ignore[union-attr]
    assert outcome.pixels.size == size and (found & due).sum() > 0.6 * (found | due).sum()  # type: ignore[union-attr]
    named = dict(zip(COCO_18, look(Image.open(path), dots, "dots").points, strict=True))
    assert all(named[name][:2] == pytest.approx(points[name], abs=6) for name in COCO_18)


def test_what_is_not_there_is_not_drawn(tmp_path: Path, dots: Path) -> None:
    path = tmp_path / "grey.png"
    vitpose.dotted({}).resize((70, 90)).save(path)
    assert np.asarray(drawn(path, dots)).max() == 0


def test_the_same_picture_gives_the_same_map_whatever_was_looked_at_between(photo: Path, small: Path, dots: Path, tmp_path: Path) -> None:
    first = drawn(photo, small)
    other = tmp_path / "other.png"
    Image.new("RGB", (50, 40), "red").save(other)
    drawn(other, small), drawn(photo, dots)
    assert first.tobytes() == drawn(photo, small).tobytes() and np.asarray(first).max() == 255
    assert drawn(photo, small, profile="xinsir").size == (70, 90)


def test_of_vitpose_plus_the_expert_for_coco_is_asked(photo: Path, tmp_path: Path) -> None:
    drawn(photo, vitpose.random_model(tmp_path / "plus", experts=3))


def test_weights_that_are_none_are_refused_and_named(photo: Path, small: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    lacking, pickled, cut, other, extra = (tmp_path / name for name in ("lacking", "pickled", "cut", "other", "extra"))
    for folder in (lacking, pickled, cut, extra):
        shutil.copytree(small, folder)
    tensors = load_file(small / "model.safetensors")
    save_file({name: value for name, value in tensors.items() if "head" not in name}, lacking / "model.safetensors", {"format": "pt"})
    save_file({**tensors, "more": tensors["head.conv.bias"].clone()}, extra / "model.safetensors", {"format": "pt"})
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    (cut / "model.safetensors").write_bytes((small / "model.safetensors").read_bytes()[:5000])
    vitpose.random_model(other, points=16)
    for folder, words in ((lacking, "lacks 2 tensors"), (extra, "no place for 1 tensors"), (pickled, ""), (cut, ""), (other, "16 points")):
        diagnostic = refusal(photo, folder)
        assert diagnostic.code == "weights-unfit" and words in diagnostic.message, folder
        assert folder.name in diagnostic.message and "vitpose-base-simple" in diagnostic.hint
    assert refusal(photo, None).code == "weights-missing"


def test_a_model_of_another_kind_is_refused(photo: Path, tmp_path: Path) -> None:
    from transformers import DPTConfig, DPTForDepthEstimation, DPTImageProcessor

    DPTForDepthEstimation(DPTConfig(
        hidden_size=32, num_hidden_layers=4, num_attention_heads=4, intermediate_size=37, image_size=32, patch_size=16,
        backbone_out_indices=[0, 1, 2, 3], neck_hidden_sizes=[16, 16, 32, 32], fusion_hidden_size=16, is_hybrid=False,
    )).save_pretrained(tmp_path / "dpt")
    DPTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path / "dpt")
    assert refusal(photo, tmp_path / "dpt").code == "weights-unfit"
    (tmp_path / "empty").mkdir()
    assert refusal(photo, tmp_path / "empty").code == "weights-unfit"


def test_a_package_that_is_missing_is_said_before_anything_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    assert VitPose().unavailable_reason() is None
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "scipy" else find(name, *rest))
    assert VitPose().unavailable_reason() == ("scipy not installed", "pip install 'calotype[control]'")
    assert "transformers" in VitPose.packages and "torchvision" in sys.modules


def test_several_threads_of_a_new_process_may_look_at_once(small: Path, photo: Path) -> None:
    script = (
        "import sys; from concurrent.futures import ThreadPoolExecutor; from pathlib import Path; from PIL import Image\n"
        "from calotype.workers.condition.vitpose import look\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    seen = list(pool.map(lambda _: look(Image.open(sys.argv[1]), Path(sys.argv[2]), 'small'), range(4)))\n"
        "assert all(each == seen[0] for each in seen)\n")
    done = subprocess.run([sys.executable, "-c", script, photo, small], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_model_is_the_packaged_one_unless_the_project_names_another() -> None:
    by_name = preprocessor_of("openpose", {"openpose": {"preprocessor": {"name": "vitpose"}}})
    assert by_name == {"name": "vitpose", "model": "usyd-community/vitpose-base-simple"}
    own = {"name": "vitpose", "model": "models/vitpose"}
    assert preprocessor_of("openpose", {"openpose": {"preprocessor": own}}) == own


def test_the_box_is_round_what_stands_before_a_plain_backdrop() -> None:
    picture = Image.new("RGB", (200, 160), (240, 240, 238))
    assert figure_box(picture) == (0, 0, 200, 160)
    picture.paste("black", (60, 40, 62, 120))  # a line
    picture.putpixel((150, 20), (200, 200, 200))  # a speck
    assert figure_box(picture) == (60, 40, 4, 80)
    assert figure_box(Image.effect_noise((200, 160), 80).convert("RGB")) == (0, 0, 200, 160)
    cut_off = Image.new("RGB", (200, 160), "white")
    cut_off.paste("black", (80, 60, 120, 160))
    assert figure_box(cut_off) == (80, 60, 40, 100)


def test_peaks_are_the_separate_maxima_the_strongest_first() -> None:
    heatmap = np.zeros((32, 24), np.float32)
    heatmap[5, 5:7], heatmap[20, 12], heatmap[28, 3] = 0.9, 0.5, 0.2
    peaks = peaks_of(heatmap, (0.0, 0.0, 48.0, 64.0))
    assert [round(strength, 3) for *_, strength in peaks] == [0.9, 0.5]
    assert peaks[0][0] < peaks[1][0] and peaks[0][1] < peaks[1][1]
