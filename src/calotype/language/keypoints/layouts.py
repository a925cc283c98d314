"""The orders in which programs list the points of a body, told apart by how many there are. Must not know JSON."""

from __future__ import annotations

from collections.abc import Sequence

_OPENPOSE = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
)
_LEGS = ("right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle")

COCO_18 = (*_OPENPOSE, *_LEGS, "right_eye", "left_eye", "right_ear", "left_ear")
"""OpenPose's COCO model (Cao et al., 2017), which ControlNet was trained on."""
BODY_25 = (*_OPENPOSE, None, *_LEGS, "right_eye", "left_eye", "right_ear", "left_ear", *[None] * 6)
"""OpenPose's own order. The middle of the hips is left out: it lies half-way to nowhere where one hip is hidden."""
COCO_17 = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)
"""The order of the COCO dataset (cocodataset.org/#format-data), of its detectors and of AlphaPose."""
MEDIAPIPE_33 = (
    "nose", None, "left_eye", None, None, "right_eye", None, "left_ear", "right_ear", None, None, "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", *[None] * 6, "left_hip", "right_hip",
    "left_knee", "right_knee", "left_ankle", "right_ankle", *[None] * 4,
)
"""MediaPipe's pose landmarks (BlazePose; Bazarevsky et al., 2020)."""

Names = Sequence[str | None]

LAYOUTS: dict[int, Names] = {
    17: COCO_17, 18: COCO_18, 25: BODY_25, 33: MEDIAPIPE_33,
    133: (*COCO_17, *[None] * 116), 134: (*COCO_18, *[None] * 116),
}
"""By the number of points: 133 is COCO-WholeBody, and 134 the same in DWPose's order, with the neck."""
UNREAD: dict[int, str] = {
    14: "LSP, 14 points", 15: "OpenPose's MPI, 15 points", 16: "MPII, 16 points", 21: "a hand, 21 points",
    24: "SMPL, 24 points", 26: "Halpe-26", 32: "Azure Kinect, 32 points", 68: "a face, 68 points",
    70: "a face, 70 points", 136: "Halpe, 136 points",
}
"""Layouts that are known, and not read."""
