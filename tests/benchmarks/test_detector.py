"""The benchmark of the detector says what it needs, and draws what it asks about."""

from __future__ import annotations

import subprocess
import sys

from calotype.language.pose import resolve
from conftest import REPOSITORY


def test_without_a_detector_it_says_how_to_get_one() -> None:
    run = subprocess.run([sys.executable, REPOSITORY / "benchmarks" / "detector.py"], capture_output=True, text=True, check=False)
    assert run.returncode == 1 and "pip install mediapipe" in run.stderr and "Traceback" not in run.stderr


def test_a_picture_comes_with_the_points_of_its_figure() -> None:
    sys.path.append(str(REPOSITORY / "benchmarks"))
    from detector import SIZE, drawn

    picture, points = drawn(resolve("standing", None, {}), "anterior", "right", "line")
    assert picture.size == (SIZE, SIZE) and len(points["people"][0]["pose_keypoints_2d"]) == 54
