"""Fields that differ, as a page tells them."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.results.sheet import ShownChange
from calotype.results.sheet.shown_changes import as_told, is_resized

PLACE = "specs/exercises/nod.yaml:9"


def rows(*changes: tuple[str, Any, Any]) -> list[tuple[str, Any, Any]]:
    return [(row.field, row.old, row.new) for row in as_told(ShownChange(*change, PLACE) for change in changes)]


def test_both_sides_that_changed_alike_stand_once() -> None:
    assert rows(("posture.left.knee_flexion", None, 40.0), ("posture.neck_flexion", 7.0, 7.5), ("posture.right.knee_flexion", None, 40.0)) == [
        ("posture.knee_flexion, left and right", None, 40), ("posture.neck_flexion", 7, 7.5)]


@pytest.mark.parametrize("other", [("posture.right.knee_flexion", None, 41.0), ("posture.right.hip_flexion", None, 40.0)])
def test_sides_that_changed_otherwise_stand_apart(other: tuple[str, Any, Any]) -> None:
    assert len(rows(("posture.left.knee_flexion", None, 40.0), other)) == 2


def test_how_a_posture_is_written_down_says_nothing_beside_its_angles() -> None:
    solver = ("posture.solver", None, 2)
    assert rows(("posture.neck_flexion", 1.0, 2.0), solver, ("posture.written", [], ["neck_flexion"])) == [("posture.neck_flexion", 1, 2)]
    assert rows(solver) == [solver]


def test_pictures_of_two_sizes_are_told_apart() -> None:
    assert rows(("size", [128, 128], [192, 128])) == [("size", "128 × 128", "192 × 128")]
    assert is_resized([ShownChange("size", [128, 128], [192, 128])]) and not is_resized([ShownChange("seed", 1, 2)])
