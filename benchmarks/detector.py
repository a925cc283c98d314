"""`python benchmarks/detector.py`: whether a detector of people sees in a drawing the pose that was drawn.

MediaPipe's BlazePose (Bazarevsky et al. 2020) looks at every base posture from every view in both styles, and at the
exercises and poses of this repository. Printed are in how many pictures it finds a person, and for these the mean OKS
against our own keypoints, and in how many left and right are exchanged; then how many pictures, and how many of their
mirror images, the scorer `pose` keeps out for their sides. It needs `pip install mediapipe pyyaml`, in an
environment of its own: beside controlnet_aux neither works.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "src"))

SIZE = 512
LEAST = 0.3
"""The confidence from which on a person is found, and a joint is seen."""
VIEWS, DRAWINGS = ("anterior", "posterior", "lateral", "oblique"), ("line", "mesh")
MISSING = "benchmarks/detector.py needs MediaPipe: `pip install mediapipe pyyaml` in an environment of its own"


def subjects() -> Iterator[tuple[str, Any, str | None, str, str]]:
    """Group, pose, body position, view and side of each picture."""
    import yaml

    from calotype.language.pose.terms import BASES

    for base in BASES:
        for view in VIEWS:
            yield "bases", base, None, view, "right"
    for file in sorted((REPOSITORY / "specs" / "exercises").rglob("*.yaml")):
        for image in yaml.safe_load(file.read_text(encoding="utf-8"))["images"]:
            if image["view_angle"] != "close-up":
                side = image.get("side", "right")
                yield "exercises", image.get("pose"), image["body_position"], image["view_angle"], side
    for file in sorted((REPOSITORY / "specs" / "poses").glob("*.yaml")):
        for view in VIEWS:
            yield "poses", file.stem, None, view, "right"


def drawn(posture: Mapping[str, Any], view: str, side: str, drawing: str) -> tuple[Any, dict[str, Any]]:
    """The picture, and the keypoints of its figure, hidden ones too: a detector guesses them."""
    from calotype.workers.render.mannequin.draw import draw, stage
    from calotype.workers.render.mannequin.keypoints import keypoints

    request = {"posture": posture, "seed": None, "size": [SIZE, SIZE], "drawing": drawing, "view": view, "side": side,
               "joints": [], "muscles": []}
    return draw(request), keypoints(stage(request)[0][0])


def detected(model: Any, picture: Any) -> dict[str, Any] | None:
    """The keypoints that BlazePose finds, as COCO-18 JSON; None where it finds nobody."""
    import numpy as np

    from calotype.language.keypoints.layouts import MEDIAPIPE_33
    from calotype.workers.render.mannequin.keypoints import NAMES

    marks = model.process(np.array(picture)).pose_landmarks
    if marks is None:
        return None
    pairs = zip(MEDIAPIPE_33, marks.landmark, strict=True)
    named = {name: (mark.x * SIZE, mark.y * SIZE) for name, mark in pairs if name}
    left, right = named["left_shoulder"], named["right_shoulder"]
    named["neck"] = ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2)
    flat = [number for name in NAMES for number in (*named.get(name, (0.0, 0.0)), 1.0 if name in named else 0.0)]
    return {"people": [{"pose_keypoints_2d": flat}], "canvas_width": SIZE, "canvas_height": SIZE}


def kept_out(model: Any, posture: Mapping[str, Any], view: str, side: str) -> Iterator[tuple[str, bool]]:
    """Whether the mesh drawing of a posture, and its mirror image, would be kept out for their sides."""
    from PIL import ImageOps

    from calotype.language.pose.posture import mirror
    from calotype.workers.judge.pose_likeness import likeness
    from calotype.workers.render.mannequin.keypoints import flat_points
    from calotype.workers.render.mannequin.maps import maps

    other = mirror(posture)
    asked, exchanged = (
        flat_points(maps(each, view, side, (SIZE, SIZE), kinds=()).keypoints) for each in (posture, other))
    picture, _ = drawn(posture, view, side, "mesh")
    group = "the same on both sides" if other == posture else "of two sides"
    for name, shown in ((group, picture), (f"{group}, mirrored", ImageOps.mirror(picture))):
        seen = detected(model, shown)
        match = likeness(asked, flat_points(seen), [exchanged]) if seen else None
        if match is not None:
            yield name, match.sides_exchanged


def main() -> None:
    try:
        import mediapipe
        import yaml
    except ImportError:
        sys.exit(MISSING)

    from calotype.language.pose import resolve
    from calotype.workers.render.mannequin.acceptance import judge

    library = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8"))
               for file in (REPOSITORY / "specs" / "poses").glob("*.yaml")}
    verdicts: dict[tuple[str, str], list[Any]] = defaultdict(list)
    sides: dict[str, list[bool]] = defaultdict(list)
    with mediapipe.solutions.pose.Pose(static_image_mode=True, min_detection_confidence=LEAST) as model:
        for group, pose, position, view, side in subjects():
            for name, exchanged in kept_out(model, resolve(pose, position, library), view, side):
                sides[name].append(exchanged)
            for drawing in DRAWINGS:
                picture, expected = drawn(resolve(pose, position, library), view, side, drawing)
                seen = detected(model, picture)
                verdict = judge(expected, seen) if seen else None
                verdicts[group, drawing].append(verdict)
                verdicts[f"{group}, {view}", drawing].append(verdict)
                if verdict and verdict.sides_swapped:
                    print(f"exchanged: {group} {pose} {view} {drawing}: {verdict.oks:.2f}, {verdict.swapped:.2f}")
    print("| pictures | drawing | person found | mean OKS of these | sides exchanged |")
    print("| --- | --- | --- | --- | --- |")
    for (group, drawing), each in verdicts.items():
        found = [verdict for verdict in each if verdict]
        mean = f"{sum(verdict.oks for verdict in found) / len(found):.2f}" if found else ""
        swapped = sum(verdict.sides_swapped for verdict in found)
        print(f"| {group} | {drawing} | {len(found)} of {len(each)} | {mean} | {swapped} |")
    for name, out in sides.items():
        print(f"poses {name}: {sum(out)} of {len(out)} kept out")


if __name__ == "__main__":
    main()
