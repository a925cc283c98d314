"""The pose that lies over a picture on its page: limbs by their side, and nothing of facts that are no keypoints."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.language.keypoints.layouts import COCO_18
from calotype.results.sheet.shown_pose import Mark, shown_pose

POINTS = [[float(index), float(2 * index), 1.0] for index in range(len(COCO_18))]
FACTS: dict[str, Any] = {"keypoints": POINTS, "asked": POINTS, "size": [100, 200]}


def at(name: str) -> tuple[float, float]:
    x, y, _ = POINTS[COCO_18.index(name)]
    return x, y


def test_a_limb_is_of_the_side_that_it_ends_on() -> None:
    pose = shown_pose(FACTS)
    assert pose is not None and pose.size == (100, 200) and pose.dot == 2
    assert Mark("left", *at("left_elbow"), *at("left_wrist")) in pose.found
    assert Mark("right", *at("neck"), *at("right_hip")) in pose.asked
    assert Mark("middle", *at("nose"), *at("nose")) in pose.joints
    assert len(pose.joints) == 18 and len(pose.found) == len(pose.asked) == 13


def test_what_was_not_found_has_no_limb() -> None:
    lacking = [[0.0, 0.0, 0.0] if name == "left_wrist" else point for name, point in zip(COCO_18, POINTS, strict=True)]
    pose = shown_pose({**FACTS, "keypoints": lacking})
    assert pose is not None and (len(pose.found), len(pose.asked), len(pose.joints)) == (12, 13, 17)


@pytest.mark.parametrize("facts", [
    {}, {"size": [100]}, {"size": [0, 5]}, {"size": [1.5, 5]}, {"size": "ab"}, {"keypoints": None}, {"keypoints": POINTS[:17]},
    {"keypoints": [*POINTS[:17], [1, 2]]}, {"keypoints": [*POINTS[:17], [1, 2, "<script>"]]}, {"asked": [*POINTS[:17], [1, True, 1]]},
    {"asked": [*POINTS[:17], [float("nan"), 1, 1]]}, {"asked": "x"},
])
def test_facts_of_another_scorer_give_no_pose(facts: dict[str, Any]) -> None:
    assert shown_pose({**FACTS, **facts} if facts else {}) is None
