"""Furniture stands where it is of use: a wall behind all that leans on it, a table that ends before a hand over its edge."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.language.pose import resolve
from calotype.language.pose.contact.surfaces import spheres
from calotype.language.pose.props.in_world import placed
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.skeleton import Skeleton
from calotype.language.pose.stance import rest


def stood(pose: Any, name: str) -> tuple[Skeleton, Placed]:
    posture = resolve(pose, "standing", {})
    skeleton = rest(posture)
    return skeleton, next(prop for prop in placed(posture, skeleton) if prop.name == name)


@pytest.mark.parametrize("pose", [
    {"base": "standing", "shoulder_abduction": 145, "elbow_flexion": 40, "contacts": {"back": "wall"}},
    {"base": "standing", "shoulder_flexion": 150, "elbow_flexion": 10, "contacts": {"hands": "wall"}},
])
def test_a_wall_goes_on_beyond_raised_arms(pose: Any) -> None:
    skeleton, wall = stood(pose, "wall")
    for at, radius in spheres(skeleton):
        assert at[1] + radius < wall.size[1] and abs(at[2]) + radius < wall.size[2] / 2


def test_a_wall_is_as_high_and_broad_as_ever_where_that_is_enough() -> None:
    assert stood({"base": "standing", "shoulder_flexion": 80, "contacts": {"hands": "wall"}}, "wall")[1].size == (0.06, 1.86, 1.0)


def test_a_table_ends_before_the_wrist_of_a_forearm_whose_hand_is_over_the_edge() -> None:
    right = {"shoulder_flexion": 25, "elbow_flexion": 65, "forearm_pronation": 80}
    skeleton, table = stood({"base": "seated", "right": right, "contacts": {"right_forearm": "table"}}, "table")
    edge = table.at[0] + table.size[0] / 2
    assert skeleton.position["right_hand"][0] - 0.05 < edge < skeleton.position["right_hand"][0]
    both = {"right_forearm": "table", "right_hand": "table"}
    skeleton, table = stood({"base": "seated", "right": right, "contacts": both}, "table")
    assert table.size[0] == pytest.approx(0.5)
