"""The skeleton as OpenPose keypoints (COCO-18), with hidden joints left out. Must not know how they are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calotype.language.pose.linear import Vector, scale
from calotype.language.pose.skeleton import STATURE, Skeleton
from calotype.workers.render.mannequin.scene import Scene, Surface

Array = NDArray[Any]

COCO_18: tuple[tuple[str, str, Vector], ...] = (
    ("nose", "head", (0.062, 0.028, 0.0)),
    ("neck", "neck_1", (0.010, -0.012, 0.0)),
    *((f"{side}_{name}", f"{side}_{bone}", (0.0, 0.0, 0.0)) for side, joints in (
        ("right", (("shoulder", "upper_arm"), ("elbow", "forearm"), ("wrist", "hand"))),
        ("left", (("shoulder", "upper_arm"), ("elbow", "forearm"), ("wrist", "hand"))),
        ("right", (("hip", "thigh"), ("knee", "shank"), ("ankle", "foot"))),
        ("left", (("hip", "thigh"), ("knee", "shank"), ("ankle", "foot"))),
    ) for name, bone in joints),
    ("right_eye", "head", (0.052, 0.046, 0.019)),
    ("left_eye", "head", (0.052, 0.046, -0.019)),
    ("right_ear", "head", (-0.003, 0.034, 0.044)),
    ("left_ear", "head", (-0.003, 0.034, -0.044)),
)
"""Name, bone, and place in the bone's frame in fractions of stature, in the order of OpenPose's COCO model.

Left and right are the subject's.
"""
NAMES = tuple(name for name, _, _ in COCO_18)
BURIED = {"shoulder": 0.11, "elbow": 0.10, "wrist": 0.20, "hip": 0.24, "knee": 0.11, "ankle": 0.09, "neck": 0.24}
"""Metres of its own body that may lie before a joint: a wrist has its hand, a hip the arm beside it, a neck the
shoulder. The points of the face lie on the skin."""
ON_SKIN = 0.030


def points(skeleton: Skeleton) -> Array:
    """The 18 keypoints in the world, (18, 3), in metres."""
    return np.array([skeleton.point(bone, scale(local, skeleton.stature)) for _, bone, local in COCO_18])


def keypoints(scene: Scene, surface: Surface | None = None) -> dict[str, Any]:
    """The usual JSON: `people[0].pose_keypoints_2d` is 18 times x, y, confidence; the canvas in pixels.

    A joint that is out of the picture or behind another part of the scene is 0, 0, 0; without `surface` (rendered at
    the picture's own resolution) nothing counts as hidden.
    """
    flat: list[float] = []
    size = scene.skeleton.stature / STATURE
    for name, (x, y, depth) in zip(NAMES, scene.pixels(points(scene.skeleton)).tolist(), strict=True):
        inside = 0 <= x < scene.frame.width and 0 <= y < scene.frame.height
        shown = inside and (surface is None or _seen(surface, name, x, y, depth, size))
        flat += [round(x, 2), round(y, 2), 1.0] if shown else [0.0, 0.0, 0.0]
    return {
        "people": [{"pose_keypoints_2d": flat}],
        "canvas_width": scene.frame.width,
        "canvas_height": scene.frame.height,
    }


def _seen(surface: Surface, name: str, x: float, y: float, depth: float, size: float) -> bool:
    row, column = int(y) - surface.top, int(x) - surface.left
    height, width = surface.depth.shape
    if not (0 <= row < height and 0 <= column < width):
        return True
    before = float(surface.depth[row, column])
    return before > depth - size * BURIED.get(name.split("_")[-1], ON_SKIN)


def flat_points(document: Mapping[str, Any]) -> list[tuple[float, float, float]]:
    """The (x, y, confidence) of the first person in keypoint JSON. Raises ValueError when it is not COCO-18."""
    people = document.get("people")
    flat: Sequence[float] = people[0].get("pose_keypoints_2d", ()) if isinstance(people, list) and people else ()
    if len(flat) != 3 * len(NAMES):
        raise ValueError("keypoint JSON holds people[0].pose_keypoints_2d with 18 points of x, y, confidence")
    return [(float(flat[i]), float(flat[i + 1]), float(flat[i + 2])) for i in range(0, len(flat), 3)]
