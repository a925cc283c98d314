"""What a training set shows and lacks: views, postures, joints, sides, and pictures that are nearly the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from calotype.language.pose.distance import FACING
from calotype.language.pose.joint_changes import from_base
from calotype.language.pose.terms import AXES, SIDES
from calotype.results.export.exported_set import ExportedImage

SCHEMA = 1
SIDED = ("lateral", "oblique", "close-up")
"""Views that are of one side."""
ALIKE_POSE, ALIKE_PIXELS = 0.5, 0.5
"""Degrees between postures, per cent of brightness between pictures: what is nearer is nearly the same."""
_EVEN = 0.05
MOST_PAIRS = 20
GRID = 16
_SMALL_JOINTS = ("thumb", "index", "middle", "ring", "little", "finger", "toe", "wrist", "forearm", "pelvi")
Signature = Sequence[int]
"""The mean colours of a picture in a grid, row by row: whole numbers, the same on every machine."""


def coverage(images: Sequence[ExportedImage], signatures: Mapping[str, Signature] | None = None) -> dict[str, Any]:
    """`signatures` are those of the pictures by target; without, only postures tell which are nearly the same."""
    pairs = list(_near_duplicates(images, signatures or {}))
    posed = [image for image in images if image.posture]
    return {
        "schema": SCHEMA,
        "images": len(images),
        "views": {view: sum(image.view == view for image in images) for view in FACING},
        "positions": dict(sorted(Counter(str(image.posture["base"]) for image in posed).items())),
        "unposed": len(images) - len(posed),
        "sides": {"seen": _seen(images), "moved": dict(sorted(Counter(map(_moved, posed)).items()))},
        "joints": _joints(posed),
        "near_duplicates": pairs[:MOST_PAIRS],
        "near_duplicate_pairs": len(pairs),
    }


def signature(png: bytes) -> Signature:
    """Mean colours in a grid of GRID x GRID, 0-255 for each of red, green and blue."""
    import numpy as np

    from calotype.ground.images import canonical, open_image

    samples = np.asarray(canonical(open_image(png)).convert("RGB"), dtype=np.int64)
    means = []
    for row in np.array_split(samples, min(GRID, samples.shape[0]), axis=0):
        for cell in np.array_split(row.sum(axis=0), min(GRID, samples.shape[1]), axis=0):
            means += [int(total) // (len(row) * len(cell)) for total in cell.sum(axis=0)]
    return means


def _seen(images: Sequence[ExportedImage]) -> dict[str, int]:
    """From which side of the body, of the views that are of one."""
    return {side: sum(image.view in SIDED and image.side == side for image in images) for side in SIDES}


def _moved(image: ExportedImage) -> str:
    """Which side of the body is farther from its base posture: left, right, or even."""
    changes = from_base(image.posture)
    left, right = (sum(change.weight for change in changes if change.side == side) for side in ("left", "right"))
    return "even" if abs(left - right) < _EVEN else "left" if left > right else "right"


def _joints(images: Sequence[ExportedImage]) -> dict[str, int]:
    """In how many images each large joint leaves its base posture."""
    counts = Counter(axis for image in images for axis in {change.axis.name for change in from_base(image.posture)})
    return {axis.name: counts[axis.name] for axis in AXES if not axis.name.startswith(_SMALL_JOINTS)}


def _near_duplicates(
    images: Sequence[ExportedImage], signatures: Mapping[str, Signature]
) -> Iterator[dict[str, Any]]:
    """Pairs that are posed and seen alike, or look alike; the nearest first."""
    pairs = []
    for first, second in combinations(images, 2):
        pixels = _apart(signatures.get(first.target), signatures.get(second.target))
        same_view = first.view == second.view and (first.side == second.side or first.view not in SIDED)
        pose = _angle_apart(first.posture, second.posture) if same_view else None
        if (pose is not None and pose < ALIKE_POSE) or (pixels is not None and pixels < ALIKE_PIXELS):
            rank = (pixels if pixels is not None else 100.0, pose if pose is not None else 360.0)
            pairs.append((rank, {"images": [first.name, second.name], "pose": pose, "pixels": pixels}))
    yield from (pair for _, pair in sorted(pairs, key=lambda each: (each[0], each[1]["images"])))


def _angle_apart(first: Mapping[str, Any], second: Mapping[str, Any]) -> float | None:
    """The mean difference of all joint angles as they are written, in degrees: nothing is solved, so that it is the
    same on every machine. None where the body rests on something else, or nobody knows on what."""
    if not first or not second or first["base"] != second["base"]:
        return None
    apart = [abs(a - b) for a, b in zip(_angles(first), _angles(second), strict=True)]
    return round(sum(apart) / len(apart), 1)


def _angles(posture: Mapping[str, Any]) -> Iterator[float]:
    for axis in AXES:
        for side in SIDES if axis.laterality == "paired" else ("",):
            yield float((posture.get(side, {}) if side else posture).get(axis.name, 0.0))


def _apart(first: Signature | None, second: Signature | None) -> float | None:
    """How far the colours of two pictures are apart in the mean, in per cent."""
    if first is None or second is None or len(first) != len(second):
        return None
    total = sum(abs(a - b) for a, b in zip(first, second, strict=True))
    return round(total * 100 / (255 * len(first)), 1)
