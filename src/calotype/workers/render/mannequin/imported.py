"""Keypoint JSON from another editor, as a written pose. Must not know files.

One picture holds the angles in its own plane and no others: flexion from the side, abduction from the front. What
lies across the picture is left at the base posture's, to be written by hand; a limb that is hidden behind the other is
taken to be as that one.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import atan2, degrees, hypot
from typing import Any

from calotype.language.pose.terms import JOINTS, SIDES
from calotype.workers.render.mannequin.keypoints import NAMES, flat_points

Point = tuple[float, float]

LYING, BENT = 55.0, 60.0
"""Degrees: a trunk that leans more is lying; hips and knees that are both bent more belong to someone seated."""
KNEELING = 25.0
"""Degrees from level within which shanks lie on the floor, on hands and knees or kneeling."""
UPRIGHT = {"neck": -2.7, "shoulder": -6.9}
"""Degrees by which the lines from the hips to these lean when the trunk is upright: both lie a little behind."""
FACE = 5.0
"""Degrees by which the line from ear to nose falls when the head is upright."""


def pose_from(document: Mapping[str, Any], view: str, side: str = "right") -> dict[str, Any]:
    """A pose as it is written in YAML, whole degrees, from COCO-18 keypoints seen `lateral` or `anterior`.

    `side` is the one towards a lateral camera. Raises ValueError for another view, or without neck and hips.
    """
    if view not in ("lateral", "anterior"):
        raise ValueError(f"angles can be read from a lateral or an anterior view, not from `{view}`")
    seen = {name: (x, y) for name, (x, y, sure) in zip(NAMES, flat_points(document), strict=True) if sure}
    # picture to body: first coordinate forward (or to the subject's left), second up
    flip = -1.0 if view == "lateral" and side == "left" else 1.0
    points = {name: (flip * x, -y) for name, (x, y) in seen.items()}
    top = "neck" if "neck" in points else "shoulder"
    upper, lower = points.get("neck") or _middle(points, "shoulder"), _middle(points, "hip")
    if upper is None or lower is None:
        raise ValueError("the keypoints show no neck or no hips: there is no trunk to measure from")
    trunk = _line(lower, upper)
    tilt = degrees(atan2(trunk[0], trunk[1]))
    return _rounded(_from_side(points, tilt - UPRIGHT[top]) if view == "lateral" else _from_front(points, tilt))


def _from_side(points: Mapping[str, Point], lean: float) -> dict[str, Any]:
    pose: dict[str, Any] = {"base": "standing"}
    if "nose" in points and (ears := [points[f"{side}_ear"] for side in SIDES if f"{side}_ear" in points]):
        gaze = _line(ears[0], points["nose"])
        pose["neck_flexion"] = _wrapped(-degrees(atan2(gaze[1], gaze[0])) - FACE - lean)
    for side in SIDES:
        angles: dict[str, float] = {}
        for bend, joint, ends in (("shoulder_flexion", "elbow_flexion", ("shoulder", "elbow", "wrist")),
                                  ("hip_flexion", "knee_flexion", ("hip", "knee", "ankle"))):
            upper, lower = _limb(points, side, ends)
            if upper is not None:
                angles[bend] = _wrapped(upper + lean)
            if upper is not None and lower is not None:
                angles[joint] = _wrapped(upper - lower if joint == "knee_flexion" else lower - upper)
        pose[side] = angles
    for side, opposite in (SIDES, SIDES[::-1]):
        pose[side] = {**pose[opposite], **pose[side]}
    pose["base"] = _base(pose, lean)
    return pose


def _base(pose: Mapping[str, Any], lean: float) -> str:
    legs = [pose[side] for side in SIDES if {"hip_flexion", "knee_flexion"} <= set(pose[side])]
    shanks = [leg["hip_flexion"] - lean - leg["knee_flexion"] for leg in legs]
    bent = all(leg["knee_flexion"] > BENT for leg in legs)
    if shanks and bent and all(abs(shank + 90) < KNEELING for shank in shanks):
        return "quadruped" if lean > LYING else "kneeling"
    if abs(lean) > LYING and all(leg["hip_flexion"] < BENT for leg in legs):
        return "prone" if lean > 0 else "supine"
    folded = legs and bent and all(leg["hip_flexion"] > BENT for leg in legs)
    return "seated" if folded and abs(lean) < LYING else "standing"


def _from_front(points: Mapping[str, Point], tilt: float) -> dict[str, Any]:
    pose: dict[str, Any] = {"base": "standing", "left": {"spine_lateral_flexion": tilt}}
    for side in SIDES:
        # the subject's left is to the right of the picture
        out = 1.0 if side == "left" else -1.0
        mirrored = {name: (out * x, y) for name, (x, y) in points.items()}
        angles = pose.setdefault(side, {})
        upper, lower = _limb(mirrored, side, ("shoulder", "elbow", "wrist"))
        if upper is not None:
            angles["shoulder_abduction"] = _wrapped(upper + out * tilt)
        if upper is not None and lower is not None:
            bend = _wrapped(lower - upper, least=-180.0)
            angles |= {"elbow_flexion": abs(bend), "shoulder_external_rotation": 90.0 if bend > 0 else -90.0}
        thigh, _ = _limb(mirrored, side, ("hip", "knee", "ankle"))
        if thigh is not None:
            angles["hip_abduction"] = _wrapped(thigh)
    return pose


def _limb(points: Mapping[str, Point], side: str, ends: tuple[str, str, str]) -> tuple[float | None, float | None]:
    """Degrees forward (or outward) from straight down of both parts of a limb, where they are seen."""
    first, second, third = (points.get(f"{side}_{end}") for end in ends)
    angles = []
    for start, end in ((first, second), (second, third)):
        line = _line(start, end) if start and end else None
        angles.append(degrees(atan2(line[0], -line[1])) if line else None)
    return angles[0], angles[1]


def _middle(points: Mapping[str, Point], part: str) -> Point | None:
    """Midway between what is seen of a paired part."""
    seen = [points[f"{side}_{part}"] for side in SIDES if f"{side}_{part}" in points]
    return (sum(x for x, _ in seen) / len(seen), sum(y for _, y in seen) / len(seen)) if seen else None


def _line(start: Point, end: Point) -> Point:
    """The unit direction from one point to another."""
    length = max(hypot(end[0] - start[0], end[1] - start[1]), 1e-9)
    return ((end[0] - start[0]) / length, (end[1] - start[1]) / length)


def _wrapped(angle: float, least: float = -120.0) -> float:
    """In the turn from `least`: no joint goes further back than 120, and an arm overhead may pass the vertical."""
    return (angle - least) % 360.0 + least


def _rounded(pose: dict[str, Any]) -> dict[str, Any]:
    """Whole degrees within the possible range; what is nothing is left out."""
    rounded: dict[str, Any] = {}
    for key, value in pose.items():
        if isinstance(value, dict):
            inner = _rounded(value)
            if inner:
                rounded[key] = inner
        elif isinstance(value, str):
            rounded[key] = value
        else:
            low, high = JOINTS[key].possible
            if amount := round(min(max(value, low), high)):
                rounded[key] = amount
    return rounded
