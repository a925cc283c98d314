"""The pose that was asked for and the one that was found, to lie over a picture. Must not know how they came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, Literal

from calotype.ground.light_dataclass import dataclass
from calotype.language.keypoints.layouts import COCO_18

Side = Literal["left", "right", "middle"]
_CHAINS = (
    ("nose", "neck"), *((f"{side}_{upper}", f"{side}_{lower}") for side in ("left", "right") for upper, lower in (
        ("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))),
    *(("neck", f"{side}_{joint}") for side in ("left", "right") for joint in ("shoulder", "hip")),
)
_MOST_PIXELS = 100_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A limb from (x, y) to (to_x, to_y), or a joint, where both are one; left and right are the figure's."""

    side: Side
    x: float
    y: float
    to_x: float
    to_y: float


@dataclass(frozen=True, slots=True)
class ShownPose:
    """`size` is the picture's in pixels, in which all places are told; `asked` and `found` are limbs, `joints` what was
    found of them."""

    size: tuple[int, int]
    asked: tuple[Mark, ...]
    found: tuple[Mark, ...]
    joints: tuple[Mark, ...]

    @property
    def dot(self) -> float:
        """The radius of a joint."""
        return max(self.size) / 100


def shown_pose(facts: Mapping[str, Any]) -> ShownPose | None:
    """What the facts of a score hold: `keypoints` and `asked`, each COCO-18 of (x, y, confidence), and `size`. None
    where they do not: any scorer may write any facts."""
    size, detected, asked = facts.get("size"), _points(facts.get("keypoints")), _points(facts.get("asked"))
    if detected is None or asked is None or not isinstance(size, list) or len(size) != 2:
        return None
    if not all(type(side) is int and 0 < side < _MOST_PIXELS for side in size):
        return None
    joints = tuple(Mark(_side(name), x, y, x, y) for name, (x, y) in detected.items())
    return ShownPose((size[0], size[1]), tuple(_limbs(asked)), tuple(_limbs(detected)), joints)


Places = Mapping[str, tuple[float, float]]


def _limbs(points: Places) -> Iterator[Mark]:
    for start, end in _CHAINS:
        if start in points and end in points:
            yield Mark(_side(end), *points[start], *points[end])


def _side(name: str) -> Side:
    side = name.partition("_")[0]
    return "left" if side == "left" else "right" if side == "right" else "middle"


def _points(listed: object) -> Places | None:
    """Those with a confidence, by name."""
    if not isinstance(listed, list) or len(listed) != len(COCO_18):
        return None
    if not all(isinstance(point, list) and len(point) == 3 and all(map(_is_number, point)) for point in listed):
        return None
    return {name: (float(point[0]), float(point[1])) for name, point in zip(COCO_18, listed, strict=True) if point[2]}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
