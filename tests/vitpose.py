"""ViTPose models that tests build: one that is small and random, and one that finds dots of COCO's points by their colours.

The second one's weights are set by hand: each colour is a direction from grey, and the network looks along them. Pictures
for it are dots on grey, so where every point lies is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, pi, sin, sqrt
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from calotype.language.keypoints.layouts import COCO_17, COCO_18

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
GREY = tuple(round(255 * value) for value in MEAN)
REACH, NEAR = 1.7, 0.85
FRAME, SIZE = 512, 896


def _direction(index: int) -> tuple[float, float, float]:
    """Seventeen points on a sphere, evenly spread."""
    height = 1 - 2 * (index + 0.5) / len(COCO_17)
    turn = index * pi * (3 - sqrt(5))
    return sqrt(1 - height * height) * cos(turn), sqrt(1 - height * height) * sin(turn), height


COLOURS = {
    name: tuple(round(255 * (mean + std * REACH * along)) for mean, std, along in zip(MEAN, STD, _direction(index), strict=True))
    for index, name in enumerate(COCO_17)
}


def random_model(folder: Path, seed: int = 3, points: int = 17, experts: int = 1) -> Path:
    """Small and random; the bias of its head makes it sure of whatever it finds."""
    import torch
    from transformers import VitPoseBackboneConfig, VitPoseConfig, VitPoseForPoseEstimation, VitPoseImageProcessor

    torch.manual_seed(seed)
    backbone = VitPoseBackboneConfig(
        image_size=[64, 48], patch_size=[16, 16], hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
        mlp_ratio=2, num_experts=experts, part_features=8, out_indices=[2])
    model: Any = VitPoseForPoseEstimation(VitPoseConfig(backbone_config=backbone, num_labels=points, initializer_range=0.2))
    model.head.conv.bias.data.fill_(0.6)
    model.save_pretrained(folder)
    VitPoseImageProcessor(size={"height": 64, "width": 48}).save_pretrained(folder)
    return folder


def dots_model(folder: Path) -> Path:
    """Finds the dots of `dotted`."""
    import torch
    from transformers import VitPoseBackboneConfig, VitPoseConfig, VitPoseForPoseEstimation, VitPoseImageProcessor

    height, width, patch, hidden, steady = 640, 480, 5, 36, 50.0
    backbone = VitPoseBackboneConfig(
        image_size=[height, width], patch_size=[patch, patch], hidden_size=hidden, num_hidden_layers=1,
        num_attention_heads=1, mlp_ratio=1, out_indices=[1])
    model: Any = VitPoseForPoseEstimation(VitPoseConfig(backbone_config=backbone, num_labels=17, scale_factor=1))
    for parameter in model.parameters():
        parameter.data.zero_()
    parts = dict(model.named_parameters())
    projection = next(name for name in parts if name.endswith("patch_embeddings.projection.weight")).removesuffix(".weight")
    for index in range(17):
        for channel, along in enumerate(_direction(index)):
            parts[f"{projection}.weight"].data[index, channel] = along / REACH / patch**2
        # the opposite as well, so that their mean is nothing to the last normalisation
        parts[f"{projection}.weight"].data[17 + index] = -parts[f"{projection}.weight"].data[index]
        parts["head.conv.weight"].data[index, index, 1, 1] = 1.0
    parts[f"{projection}.bias"].data[34], parts[f"{projection}.bias"].data[35] = steady, -steady
    deviation = sqrt(2 * steady**2 / hidden)
    for name, parameter in parts.items():
        if "norm" in name and name.endswith("weight"):
            parameter.data.fill_(1.0)
    [last] = [name for name in parts if name.endswith("backbone.layernorm.weight")]
    parts[last].data.fill_(deviation / (1 - NEAR))
    parts[last.replace("weight", "bias")].data.fill_(-NEAR / (1 - NEAR))
    assert torch.isfinite(torch.cat([parameter.flatten() for parameter in parts.values()])).all()
    model.save_pretrained(folder)
    VitPoseImageProcessor(size={"height": height, "width": width}).save_pretrained(folder)
    return folder


def asked(posture: Mapping[str, Any], view: str, side: str = "right", hidden: bool = False) -> dict[str, tuple[float, float]]:
    """Where the points of a posture lie that are seen, in a picture of SIZE with room about the figure."""
    from calotype.workers.render.mannequin.maps import maps

    document = maps(posture, view, side, (FRAME, FRAME), kinds=[], hidden=hidden).keypoints
    flat = document["people"][0]["pose_keypoints_2d"]
    named = zip(COCO_18, zip(flat[::3], flat[1::3], flat[2::3], strict=True), strict=True)
    room = (SIZE - FRAME) / 2
    return {name: (x + room, y + room) for name, (x, y, shown) in named if shown}


def dotted(points: Mapping[str, tuple[float, float]], more: Mapping[str, tuple[float, float]] | None = None) -> Any:
    """A picture of points of COCO-17 by name, and of `more` of them, such as a third wrist; the neck is no such point."""
    picture = Image.new("RGB", (SIZE, SIZE), GREY)
    pen = ImageDraw.Draw(picture)
    for name, (x, y) in [*points.items(), *(more or {}).items()]:
        if name in COLOURS:
            pen.ellipse((x - 5, y - 5, x + 5, y + 5), fill=COLOURS[name])
    return picture
