"""Keypoints of one figure by a ViTPose of transformers (Xu et al., 2022; `usyd-community/vitpose-base-simple`).

It looks into the figure's box alone, and answers with a heatmap for each of COCO's points. Left and right are the
figure's own.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem, error
from calotype.ground.light_dataclass import dataclass
from calotype.language.keypoints.layouts import COCO_18, LAYOUTS, Names
from calotype.workers.condition.figure_box import Box, figure_box

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

LEAST_CONFIDENCE = 0.3
"""Points of less are drawn by no program of MMPose, whose networks these are."""
PADDING = 1.25
"""How much more than the box the network sees (`box_to_center_and_scale` of transformers)."""
MOST_PEAKS = 4
"""Of a heatmap that are told."""
_UNREAD = ("num_batches_tracked",)
_turn = Lock()
"""Transformers imports its models when they are first named, and fails where two threads name one at once."""

Point = tuple[float, float, float]
"""x and y in pixels of the picture, and the confidence, 0 to about 1."""


@dataclass(frozen=True, slots=True)
class Seen:
    """`points` is COCO-18, the neck half-way between the shoulders; (0, 0, 0) is what the network has no point for.

    `peaks` are the places where the heatmap of a point has a maximum of LEAST_CONFIDENCE or more, by the point's name,
    the strongest first.
    """

    points: tuple[Point, ...]
    peaks: Mapping[str, tuple[Point, ...]]
    size: tuple[int, int]

    def document(self) -> dict[str, Any]:
        """Keypoint JSON of what is certain enough: `people[0].pose_keypoints_2d`, the canvas in pixels."""
        flat = [number for point in self.points
                for number in (point if point[2] >= LEAST_CONFIDENCE else (0.0, 0.0, 0.0))]
        width, height = self.size
        return {"people": [{"pose_keypoints_2d": flat}], "canvas_width": width, "canvas_height": height}


def look(picture: Pixels, folder: Path, digest: str) -> Seen:
    """What the ViTPose in `folder` sees of the figure in `picture`, 8-bit RGB. `digest` is that of the weights: others
    may come to lie in the same folder. One picture at a time: so nothing depends on which others are looked at.

    Raises Problem where `folder` holds no such model.
    """
    import torch

    box = figure_box(picture)
    with _turn, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        model, processor, names = _model(folder, digest)
        inputs = dict(processor(picture, boxes=[[list(box)]], return_tensors="pt"))
        if model.config.backbone_config.num_experts > 1:
            inputs["dataset_index"] = torch.tensor([0])  # of ViTPose+, the expert for COCO
        outputs = model(**inputs)
        [[figure]] = processor.post_process_pose_estimation(outputs, boxes=[[list(box)]])
    named = {name: (float(x), float(y), float(certainty)) for name, (x, y), certainty
             in zip(names, figure["keypoints"].tolist(), figure["scores"].tolist(), strict=True) if name}
    named["neck"] = _between(named["left_shoulder"], named["right_shoulder"])
    heatmaps = outputs.heatmaps[0].float().numpy()
    peaks = {name: peaks_of(heatmap, box) for name, heatmap in zip(names, heatmaps, strict=True) if name}
    return Seen(tuple(named[str(name)] for name in COCO_18), peaks, picture.size)


def peaks_of(heatmap: Any, box: Box) -> tuple[Point, ...]:
    """The local maxima of a heatmap (height, width) of `box`, LEAST_CONFIDENCE or more, in pixels of the picture."""
    import numpy as np

    rows, columns = heatmap.shape
    padded = np.pad(heatmap, 1, constant_values=-np.inf)
    around = np.stack([padded[1 + down:1 + down + rows, 1 + across:1 + across + columns]
                       for down in (-1, 0, 1) for across in (-1, 0, 1)]).max(axis=0)
    tops = np.argwhere((heatmap >= around) & (heatmap >= LEAST_CONFIDENCE)).tolist()
    apart: list[tuple[int, int]] = []
    for down, across in sorted(tops, key=lambda top: -float(heatmap[tuple(top)])):
        if all(max(abs(down - row), abs(across - column)) > 2 for row, column in apart):
            apart.append((down, across))
    return tuple(_placed(across, down, float(heatmap[down, across]), (columns, rows), box)
                 for down, across in apart[:MOST_PEAKS])


def _placed(across: int, down: int, strength: float, grid: tuple[int, int], box: Box) -> Point:
    """Where a cell of the heatmap lies: the box is widened to the grid's proportions, then padded."""
    left, top, width, height = box
    proportion = grid[0] / grid[1]
    sides = max(width, height * proportion) * PADDING, max(height, width / proportion) * PADDING
    x, y = ((at / (cells - 1) - 0.5) * side for at, cells, side in zip((across, down), grid, sides, strict=True))
    return x + left + width / 2, y + top + height / 2, strength


def _between(left: Point, right: Point) -> Point:
    return (left[0] + right[0]) / 2, (left[1] + right[1]) / 2, min(left[2], right[2])


@lru_cache(maxsize=1)
def _model(folder: Path, digest: str) -> tuple[Any, Any, Names]:
    from safetensors import SafetensorError
    from transformers import VitPoseForPoseEstimation, VitPoseImageProcessor

    kind: Any = VitPoseForPoseEstimation
    try:
        model, report = kind.from_pretrained(
            folder, use_safetensors=True, local_files_only=True, output_loading_info=True)
        processor = VitPoseImageProcessor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, RuntimeError, SafetensorError) as failure:
        raise _unfit(folder, next(iter(str(failure).splitlines()), "")) from failure
    for tensors, problem in ((report["missing_keys"], "lacks"), (report["unexpected_keys"], "has no place for")):
        if others := sorted(name for name in tensors if not name.endswith(_UNREAD)):
            raise _unfit(folder, f"it {problem} {len(others)} tensors, such as `{others[0]}`")
    names = LAYOUTS.get(model.config.num_labels, ())
    if "left_eye" not in names or "neck" in names:
        raise _unfit(folder, f"it finds {model.config.num_labels} points, which are not COCO's")
    model.requires_grad_(False)
    return model.float().eval(), processor, names


def _unfit(folder: Path, detail: str) -> Problem:
    return Problem(error("weights-unfit", f"`{folder.name}` is no ViTPose model: {detail}",
                         hint="take `usyd-community/vitpose-base-simple`, or another ViTPose for COCO's points"))
