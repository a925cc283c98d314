"""`python benchmarks/proportions.py`: whether the proportions of a figure, by its keypoints, tell who it is.

Every image of this repository's specs that shows a whole figure is posed with the figure of each sex, and the exact
keypoints are projected, hidden ones too: no detector finds better ones. Of each ratio of lengths it prints in how many
pictures it is there, how far it spreads over poses and views of one figure (standard deviation of its logarithm), and
by how much it differs between a woman's and a man's. Then, for pairs of pictures in different poses, how often one
figure is more like itself than like the other (area under the curve; 0.5 is a coin), by all ratios, and by the best of
them, shoulders to hips, with noise on the keypoints. Height and build are no part of it: they change no ratio of
lengths.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "src"))

SIZE = 512
SIDES = ("left", "right")
SEXES = ("neutral", "female", "male")
LENGTHS = {
    "upper arm": ("shoulder", "elbow"), "forearm": ("elbow", "wrist"), "thigh": ("hip", "knee"),
    "shank": ("knee", "ankle"), "trunk": ("shoulder", "hip"),
}
"""The longer of left and right counts: it is the less foreshortened."""
RATIOS = (
    ("thigh", "shank"), ("upper arm", "forearm"), ("upper arm", "thigh"), ("trunk", "thigh"), ("shoulders", "hips"),
    ("shoulders", "trunk"), ("hips", "trunk"),
)
FEWEST, SHORTEST = 3, 2.0
NOISE = (0.0, 0.005, 0.01, 0.02)
"""Standard deviations on each keypoint, as parts of the figure's height."""

Point = tuple[float, float]
Figure = Mapping[str, Point]


def pictures() -> list[dict[str, Figure]]:
    """Of each image the keypoints of the figure of each sex, by their names."""
    from calotype.language.keypoints.layouts import COCO_18
    from calotype.queries.status import status_query
    from calotype.workers.render.mannequin.maps import maps

    rows = []
    with status_query(REPOSITORY, scope="all") as query:
        for image in (target.planned.image for target in query.targets()):
            if image.view == "close-up":
                continue
            row = {}
            for sex in SEXES:
                posture = {**image.posture, "figure": {**image.posture.get("figure", {}), "sex": sex}}
                document = maps(posture, image.view, image.side, (SIZE, SIZE), kinds=[]).keypoints
                flat = document["people"][0]["pose_keypoints_2d"]
                row[sex] = {name: (flat[3 * at], flat[3 * at + 1])
                            for at, name in enumerate(COCO_18) if flat[3 * at + 2]}
            rows.append(row)
    return rows


def ratios(figure: Figure) -> dict[tuple[str, str], float]:
    """The logarithms of those whose points are there."""
    lengths = {name: max(distance(figure, f"{side}_{start}", f"{side}_{end}") for side in SIDES)
               for name, (start, end) in LENGTHS.items()}
    lengths |= {f"{joint}s": distance(figure, f"left_{joint}", f"right_{joint}") for joint in ("shoulder", "hip")}
    return {(one, other): math.log(lengths[one] / lengths[other]) for one, other in RATIOS
            if min(lengths[one], lengths[other]) > SHORTEST}


def distance(figure: Figure, start: str, end: str) -> float:
    return math.dist(figure[start], figure[end]) if start in figure and end in figure else 0.0


def height(figure: Figure) -> float:
    """Trunk and leg are some 0.8 of it."""
    chain = ("shoulder", "hip", "knee", "ankle")
    return max(sum(distance(figure, f"{side}_{start}", f"{side}_{end}") for start, end in pairwise(chain))
               for side in SIDES) / 0.8


def shaken(figure: Figure, noise: float, draws: Any) -> Figure:
    spread = noise * height(figure)
    return {name: (x + draws.normal(0, spread), y + draws.normal(0, spread)) for name, (x, y) in figure.items()}


def told_apart(these: Sequence[Mapping[Any, float]], those: Sequence[Mapping[Any, float]], fewest: int) -> float:
    """In how many of pairs of pairs the figure is more like itself than like the other."""
    import numpy as np

    same, other = [], []
    for first, second in combinations(range(len(these)), 2):
        pair = unlike(these[first], these[second], fewest), unlike(these[first], those[second], fewest)
        if None not in pair:
            same.append(pair[0])
            other.append(pair[1])
    ordered = np.sort(np.array(other, dtype=float))
    below = np.searchsorted(ordered, same, "left")
    equal = np.searchsorted(ordered, same, "right") - below
    return float(1 - np.mean(below + equal / 2) / len(ordered))


def unlike(one: Mapping[Any, float], other: Mapping[Any, float], fewest: int) -> float | None:
    import numpy as np

    both = one.keys() & other.keys()
    return float(np.median([abs(one[name] - other[name]) for name in both])) if len(both) >= fewest else None


def main() -> None:
    import numpy as np

    rows = pictures()
    print(f"{len(rows)} pictures")
    measured = {sex: [ratios(row[sex]) for row in rows] for sex in SEXES}
    for name in RATIOS:
        spread = np.std([each[name] for each in measured["neutral"] if name in each])
        pairs = [(her[name], his[name]) for her, his in zip(measured["female"], measured["male"], strict=True)
                 if name in her and name in his]
        print(f"{' / '.join(name):24} in {len(pairs):3}  over poses {spread:.3f}  "
              f"her less his {np.median([her - his for her, his in pairs]):+.3f}")
    print(f"all ratios: {told_apart(measured['female'], measured['male'], FEWEST):.2f}")
    best = ("shoulders", "hips")
    for noise in NOISE:
        draws = np.random.default_rng(1)
        shaky = {sex: [{best: value} for value in (ratios(shaken(row[sex], noise, draws)).get(best) for row in rows)
                       if value is not None] for sex in ("female", "male")}
        count = min(map(len, shaky.values()))
        print(f"{' / '.join(best)}, noise {100 * noise:g} %: "
              f"{told_apart(shaky['female'][:count], shaky['male'][:count], 1):.2f} ({count} pictures)")


if __name__ == "__main__":
    main()
