"""A written pose: one canonical posture for every way of writing it, and findings that name what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.language.pose import check, resolve
from calotype.language.pose.posture import PoseError, blend, mirror
from calotype.language.pose.terms import AXES, BASES, JOINTS

LIBRARY = {
    "reach": {"base": "standing", "left": {"shoulder_flexion": 90}},
    "reach_high": {"base": "reach", "left": {"elbow_flexion": 10}},
    "loop": {"base": "pool"},
    "pool": {"base": "loop"},
}


def codes(pose: Any) -> list[str]:
    return [finding.code for finding in check(pose, LIBRARY)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"hip_flexion": 90}, {"left": {"hip_flexion": 90}, "right": {"hip_flexion": 90.0}}),
        ({"hip_extension": -20}, {"hip_flexion": 20}),
        ({"neck_flexion": 0}, {}),
        ({"right": {"neck_rotation": 30}}, {"left": {"neck_rotation": -30}}),
        ({"contacts": {"hands": "wall"}}, {"contacts": {"right_hand": "wall", "left_hand": "wall"}}),
        ({"base": "seated", "knee_flexion": 90}, {"base": "seated"}),
        ({"mirror_of": "reach"}, {"right": {"shoulder_flexion": 90}}),
        ({"base": "reach", "mirror": True}, {"right": {"shoulder_flexion": 90}}),
        ("reach", {"base": "standing", "left": {"shoulder_flexion": 90}}),
        ({"figure": {"height": 172, "build": "average"}}, {}),
        ({"figure": {"height": 186}}, {"figure": {"height": 186.0, "build": "average"}}),
    ],
)
def test_the_same_posture_written_in_another_way_is_the_same_value(one: Any, other: Any) -> None:
    assert resolve(one, "standing", LIBRARY) == resolve(other, "standing", LIBRARY)


def test_no_pose_is_the_base_posture_of_the_body_position() -> None:
    assert resolve(None, "seated", {}) == resolve({"base": "seated"}, "standing", {})
    assert resolve({"neck_flexion": 5}, "supine", {})["base"] == "supine"


def test_a_pose_extends_another_and_the_nearer_word_wins() -> None:
    posture = resolve({"base": "reach_high", "left": {"elbow_flexion": 40}}, None, LIBRARY)
    assert posture["left"]["shoulder_flexion"] == 90 and posture["left"]["elbow_flexion"] == 40


def test_a_changed_library_changes_what_rests_on_it() -> None:
    before = resolve("reach", None, LIBRARY)
    after = resolve("reach", None, {"reach": {"base": "standing", "left": {"shoulder_flexion": 91}}})
    assert before != after


def test_mirroring_twice_is_the_identity_and_swaps_everything_once() -> None:
    pose = {"base": "side_lying", "left": {"neck_rotation": 20, "hip_flexion": 40}, "contacts": {"left_hand": "table"},
            "arrows": [{"of": "left_hand", "path": "left"}], "arcs": ["left_knee_flexion"]}
    posture = resolve(pose, None, {})
    mirrored = mirror(posture)
    assert mirror(mirrored) == posture
    assert mirrored["contacts"] == {"right_hand": "table", "right_side": "floor"}
    assert mirrored["arrows"] == [{"of": "right_hand", "path": "right"}]
    assert mirrored["neck_rotation"] == -posture["neck_rotation"]


def test_a_movement_stands_at_its_fraction() -> None:
    half = resolve({"from": {"elbow_flexion": 0}, "to": {"elbow_flexion": 80}, "fraction": 0.5, "show": []}, None, {})
    assert half == resolve({"elbow_flexion": 40}, None, {})
    whole = resolve({"from": "standing", "to": {"elbow_flexion": 80}}, None, {})
    assert whole["show"] == ["arrows"] and whole["to"]["left"]["elbow_flexion"] == 80
    assert blend(whole["from"], whole["to"], 1.0) == whole["to"]


def test_a_figure_is_inherited_measure_by_measure_and_is_the_same_on_both_sides() -> None:
    library = {"tall": {"base": "standing", "figure": {"height": 190, "build": "slim"}}}
    posture = resolve({"base": "tall", "figure": {"build": "broad"}, "left": {"elbow_flexion": 90}}, None, library)
    assert posture["figure"] == {"height": 190.0, "build": "broad"}
    assert mirror(posture)["figure"] == posture["figure"]
    assert resolve({"base": "tall", "figure": {"height": 172, "build": "average"}}, None, library) == resolve(
        "standing", None, {}
    )


@pytest.mark.parametrize("said", ["whole", "from", "to"])
def test_one_figure_makes_a_whole_movement(said: str) -> None:
    tall = {"figure": {"height": 190}}
    pose = {"from": "standing", "to": {"elbow_flexion": 80}}
    written = {**pose, **tall} if said == "whole" else {**pose, said: {"base": "standing", **tall}}
    posture = resolve(written, None, {})
    assert posture["figure"] == posture["from"]["figure"] == posture["to"]["figure"] == {"height": 190.0}


def test_a_height_in_metres_is_an_error_that_names_the_centimetres() -> None:
    finding, = check({"figure": {"height": 1.86}}, {})
    assert finding.pointer == ("figure", "height") and finding.hint == "did you mean 186?"


def test_every_base_posture_and_term_is_known_and_within_its_range() -> None:
    for name in BASES:
        assert resolve(name, None, {})["base"] == name
    for axis in AXES:
        low, high = axis.normal
        assert axis.possible[0] <= low <= 0 < high <= axis.possible[1]
        assert low < 0 or axis.opposite is None  # a thumb is opposed from its neutral position, one way
    low, high = JOINTS["knee_flexion"].possible
    assert JOINTS["knee_extension"].possible == (-high, -low)


def test_a_misspelt_joint_is_an_error_with_a_suggestion() -> None:
    finding, = check({"hip_flexin": 30}, {})
    assert (finding.code, finding.pointer) == ("unknown-joint", ("hip_flexin",))
    assert finding.hint == "did you mean `hip_flexion`?"


@pytest.mark.parametrize(
    ("pose", "hint"),
    [
        ({"knee": 30}, "did you mean `knee_flexion`?"),
        ({"left_elbow_flexion": 20}, "write left: {elbow_flexion: 20}"),
        ({"elbow_flexion": "90°"}, "write 90, with no quotes and no unit"),
        ({"left": {"elbow_flexion": "-7.5"}}, "take the quotes off"),
        ({"elbow_flexion": "much"}, None),
        ({"base": "sitting"}, "did you mean `seated`?"),
        ({"base": "wheel"}, "base postures are " + ", ".join(BASES) + "; one of your own stands in specs/poses/wheel.yaml"),
        ({"base": "crook"}, "did you mean `crook_lying`?"),
    ],
)
def test_what_a_beginner_writes_is_told_how_it_is_written(pose: dict[str, Any], hint: str | None) -> None:
    finding, = check(pose, {})
    assert finding.hint == hint


def test_beyond_normal_warns_and_beyond_possible_is_an_error_and_both_name_the_range() -> None:
    warning, = check({"left": {"knee_flexion": 150}}, {})
    assert warning.severity == "warning" and "left knee_flexion 150" in warning.message
    assert "-10 to 145 degrees (AAOS)" in warning.message
    error, = check({"knee_flexion": 200}, {})
    assert error.severity == "error" and error.code == "beyond-possible"


@pytest.mark.parametrize(
    ("pose", "code"),
    [
        ({"left": {"neck_flexion": 10}}, "wrong-side"),
        ({"neck_rotation": 10}, "needs-side"),
        ({"elbow_flexion": "much"}, "not-a-number"),
        ({"elbow_flexion": True}, "not-a-number"),
        ({"hip_flexion": 10, "hip_extension": 5}, "pose-conflict"),
        ({"base": "standign"}, "unknown-pose"),
        ({"base": "loop"}, "pose-cycle"),
        ("nowhere", "unknown-pose"),
        ({"contacts": {"left_hand": "moon"}}, "pose"),
        ({"arrows": [{"of": "right_hand"}]}, "pose"),
        ({"fraction": 2}, "pose"),
        ({"mirror_of": "reach", "base": "seated"}, "pose-conflict"),
        ({"figure": "tall"}, "pose"),
        ({"figure": {"height": 139}}, "pose"),
        ({"figure": {"height": 210.5}}, "pose"),
        ({"figure": {"height": True}}, "pose"),
        ({"figure": {"build": "stout"}}, "pose"),
        ({"figure": {"weight": 70}}, "pose"),
        (7, "pose"),
    ],
)
def test_what_cannot_be_meant_is_an_error(pose: Any, code: str) -> None:
    assert codes(pose) == [code]


def test_resolving_what_was_not_checked_raises_rather_than_guesses() -> None:
    for pose in ("nowhere", {"base": "loop"}, {"elbow_flexin": 3}):
        with pytest.raises(PoseError):
            resolve(pose, None, LIBRARY)
