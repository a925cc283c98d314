"""Does a picture show the pose that was asked for? Must not know how keypoints are detected.

Object keypoint similarity (OKS) as COCO defines it (Lin et al., 2014; cocodataset.org/#keypoints-eval), and a check
that left and right are the subject's.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp
from typing import TYPE_CHECKING, Any, Protocol

from calotype.ground.light_dataclass import dataclass
from calotype.workers.render.mannequin.keypoints import NAMES, flat_points

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

SIGMA = {
    "nose": 0.026, "eye": 0.025, "ear": 0.035, "shoulder": 0.079, "elbow": 0.072, "wrist": 0.062, "hip": 0.107,
    "knee": 0.087, "ankle": 0.089, "neck": 0.079,
}
"""COCO's per-keypoint deviations; the neck, which COCO has not, takes the shoulder's."""
ACCEPTED = 0.5
"""COCO's loosest threshold: below it a detection is another pose."""


class Detector(Protocol):
    """Finds people's keypoints in a picture."""

    name: str

    def detect(self, picture: Pixels) -> Mapping[str, Any]:
        """Keypoint JSON (COCO-18) of the person in the picture, left and right being the subject's."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """`oks` 0..1 against the request; `swapped` the same with the detected sides exchanged."""

    oks: float
    swapped: float
    missing: tuple[str, ...]

    @property
    def sides_swapped(self) -> bool:
        """The person is there, but facing the other way round: left is drawn as right."""
        return self.swapped > self.oks + 0.05 and self.swapped >= ACCEPTED

    @property
    def accepted(self) -> bool:
        return self.oks >= ACCEPTED and not self.sides_swapped


def judge(expected: Mapping[str, Any], detected: Mapping[str, Any]) -> Verdict:
    """Compares keypoint JSON of one canvas size with the keypoints of the pose that was asked for.

    Only the keypoints that the request shows count; one of them that was not detected counts as wholly wrong.
    Raises ValueError when either is not COCO-18, or no keypoint is wanted.
    """
    visible, points = flat_points(expected), flat_points(detected)
    scale = expected["canvas_width"] / max(detected["canvas_width"], 1)
    points = [(x * scale, y * scale, seen) for x, y, seen in points]
    exchanged = [points[NAMES.index(_other(name))] for name in NAMES]
    missing = tuple(
        name for name, (_, _, shown), (_, _, seen) in zip(NAMES, visible, points, strict=True) if shown and not seen
    )
    return Verdict(oks(visible, points), oks(visible, exchanged), missing)


def oks(expected: list[tuple[float, float, float]], detected: list[tuple[float, float, float]]) -> float:
    """Mean of exp(-d^2 / (2 s^2 k^2)) over what is asked for: d the distance, s^2 the body's area, k = 2 sigma."""
    shown = [(x, y) for x, y, seen in expected if seen]
    if not shown:
        raise ValueError("no keypoint is asked for")
    xs, ys = zip(*shown, strict=True)
    # a limb seen end on has no area of its own; a body is never thinner than a quarter of its length
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    area = max(width, height / 4, 1.0) * max(height, width / 4, 1.0)
    total = 0.0
    for name, (x, y, visible), (other_x, other_y, seen) in zip(NAMES, expected, detected, strict=True):
        if visible and seen:
            k = 2 * SIGMA[name.split("_")[-1]]
            total += exp(-((x - other_x) ** 2 + (y - other_y) ** 2) / (2 * area * k * k))
    return total / len(shown)


def _other(name: str) -> str:
    side, _, part = name.partition("_")
    return {"left": f"right_{part}", "right": f"left_{part}"}.get(side, name)
