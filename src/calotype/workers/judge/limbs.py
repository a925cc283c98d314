"""Limbs too many, by the heatmaps of a detector of keypoints. Must not know the detector.

A network for one figure has one heatmap for each joint, and its highest place is the joint. Where a third hand is
drawn, the heatmap of a wrist is about as high there as at the hand that it took. It may be high at the wrist of the
other side too; that is none too many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import hypot

from calotype.workers.judge.pose_likeness import Point

JOINTS = ("wrist", "elbow", "ankle", "knee")
RIVAL = 0.7
"""The share of the highest place's strength from which on another place is as good."""
CERTAIN = 0.4
"""The strength below which no place is taken for a limb too many."""
APART = 0.12
"""The share of the figure's diagonal by which a limb too many is away from both of its kind."""


def limbs_too_many(points: Sequence[Point], peaks: Mapping[str, Sequence[Point]]) -> Iterator[tuple[str, Point]]:
    """The joints of which a third is seen, each with its place.

    `points` are the figure's, (0, 0, 0) is no point; `peaks` the local maxima of heatmaps by name (`left_wrist`), the
    strongest first.
    """
    least = APART * _diagonal([point for point in points if point[2]])
    for joint in JOINTS:
        sides = [peaks.get(f"{side}_{joint}", ()) for side in ("left", "right")]
        taken = [side[0] for side in sides if side]
        third = [peak for side in sides for peak in side[1:] if peak[2] >= max(CERTAIN, RIVAL * side[0][2])
                 and all(hypot(peak[0] - x, peak[1] - y) >= least for x, y, _ in taken)]
        if third and least:
            yield joint, max(third, key=lambda peak: peak[2])


def _diagonal(points: Sequence[Point]) -> float:
    if not points:
        return 0.0
    xs, ys, _ = zip(*points, strict=True)
    return hypot(max(xs) - min(xs), max(ys) - min(ys))
