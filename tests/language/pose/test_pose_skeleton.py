"""The skeleton under any pose: lengths, mirrors, angles and contacts hold."""

from __future__ import annotations

from math import dist
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from calotype.language.pose import check, resolve
from calotype.language.pose.distance import distance
from calotype.language.pose.linear import add, scale, subtract
from calotype.language.pose.measure import measure
from calotype.language.pose.posture import mirror
from calotype.language.pose.skeleton import BONES, STATURE, forward
from calotype.language.pose.stance import contacts, lowest, rest, spheres
from calotype.language.pose.terms import AXES, BASES, BUILDS, HEIGHT, HEIGHTS, SEXES, SIDES, Axis
from conftest import REPOSITORY

FEW = settings(max_examples=40, deadline=None)
SPECS = REPOSITORY / "specs"
LIBRARY = {file.stem: yaml.safe_load(file.read_text()) for file in sorted((SPECS / "poses").glob("*.yaml"))}


def angles(axes: tuple[Axis, ...]) -> st.SearchStrategy[dict[str, float]]:
    spans = {axis.name: st.floats(*axis.possible).map(lambda angle: round(angle, 3)) for axis in axes}
    return st.fixed_dictionaries({}, optional=spans)


POSTURES = st.builds(
    lambda base, middle, left, right: {
        "base": base, **middle, "left": left, "right": right,
        **({"contacts": {"left_side": "floor"}} if base == "side_lying" else {}),
    },
    st.sampled_from(sorted(BASES)),
    angles(tuple(axis for axis in AXES if axis.laterality != "paired")),
    *(angles(tuple(axis for axis in AXES if axis.laterality == "paired")) for _ in SIDES),
)


@FEW
@given(POSTURES)
def test_every_segment_keeps_its_length(posture: dict[str, Any]) -> None:
    skeleton = forward(posture)
    for bone in BONES:
        if bone.parent is not None:
            length = dist(skeleton.position[bone.name], skeleton.position[bone.parent])
            assert length == pytest.approx(dist(bone.offset, (0, 0, 0)), abs=1e-9)


@FEW
@given(POSTURES, st.floats(*HEIGHTS))
def test_a_taller_figure_is_the_same_figure_larger(posture: dict[str, Any], height: float) -> None:
    """But for the neck, which slides by centimetres, and a bar, which hangs as high for everybody."""
    same = {key: said for key, said in posture.items() if key != "neck_protraction"}
    drop = (0.0, 0.12 if posture["base"] == "hanging" else 0.0, 0.0)
    one, other = (rest(each) for each in (same, {**same, "figure": {"height": height}}))
    for name, at in one.position.items():
        wanted = add(scale(subtract(at, drop), height / HEIGHT), drop)
        assert other.position[name] == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("figure", [{"height": 195.0}, {"height": 150.0, "build": "broad"}, {"sex": "female"}])
def test_angles_read_from_another_figure_are_the_angles_asked(figure: dict[str, Any]) -> None:
    asked = {"neck_protraction": 4.0, "left": {"knee_flexion": 70.0}, "right": {"shoulder_abduction": 50.0}}
    found = measure(rest({"base": "standing", "figure": figure, **asked}))
    assert found["neck_protraction"] == pytest.approx(4.0)
    assert found["left"]["knee_flexion"] == pytest.approx(70.0)
    assert found["right"]["shoulder_abduction"] == pytest.approx(50.0)


@pytest.mark.parametrize(("joint", "ansur"), [
    ("upper_arm", {"female": 365 / 1628, "male": 416 / 1756}), ("thigh", {"female": 345 / 1628, "male": 344 / 1756}),
])
def test_shoulders_and_hips_lie_apart_as_women_s_and_men_s_breadths_at_one_height(
    joint: str, ansur: dict[str, float]
) -> None:
    apart = {}
    for sex in SEXES:
        at = forward(resolve({"base": "standing", "figure": {"sex": sex}}, None, {})).position
        apart[sex] = dist(at[f"left_{joint}"], at[f"right_{joint}"])
    for sex, breadth in ansur.items():
        assert apart[sex] / apart["neutral"] == pytest.approx(breadth / (sum(ansur.values()) / 2), abs=0.005)


@FEW
@given(POSTURES)
def test_the_mirrored_pose_is_the_mirrored_body(posture: dict[str, Any]) -> None:
    body, image = rest(posture), rest(mirror(posture))
    swap = {"left": "right", "right": "left"}
    for name, (x, y, z) in body.position.items():
        side, _, rest_of_name = name.partition("_")
        other = image.position[f"{swap[side]}_{rest_of_name}" if side in swap else name]
        assert other == pytest.approx((x, y, -z), abs=1e-7)


@FEW
@given(POSTURES)
def test_mirroring_twice_is_the_identity(posture: dict[str, Any]) -> None:
    once = mirror(posture)
    assert mirror(mirror(once)) == once


@FEW
@given(POSTURES)
def test_no_joint_leaves_its_range_unreported(posture: dict[str, Any]) -> None:
    written = {"base": posture["base"], "left": dict(posture["left"]), "right": dict(posture["right"])}
    beyond = 0
    for axis in AXES:
        for side in SIDES if axis.laterality == "paired" else ("",):
            value = (posture[side] if side else posture).get(axis.name)
            if value is None:
                continue
            beyond += not axis.normal[0] <= value <= axis.normal[1]
            place = written["right"] if axis.laterality == "directed" else written[side] if side else written
            place[axis.name] = value
    assert len(check(written, {})) == beyond


RECOVERED = {
    "paired": ("shoulder_flexion", "shoulder_abduction", "shoulder_external_rotation", "elbow_flexion",
               "forearm_supination", "wrist_flexion", "wrist_ulnar_deviation", "finger_flexion", "hip_flexion",
               "hip_abduction", "hip_external_rotation", "knee_flexion", "ankle_dorsiflexion", "ankle_inversion",
               "toe_extension"),
    "middle": ("neck_flexion", "neck_lateral_flexion", "neck_rotation", "neck_protraction", "thoracic_flexion",
               "thoracic_lateral_flexion", "thoracic_rotation", "lumbar_flexion", "lumbar_lateral_flexion",
               "lumbar_rotation"),
}


def normal(names: tuple[str, ...], limit: float = 85.0) -> st.SearchStrategy[dict[str, float]]:
    """Angles short of 85 degrees, within which one rotation has one name."""
    axes = [axis for axis in AXES if axis.name in names]
    return st.fixed_dictionaries({
        axis.name: st.floats(max(-limit, axis.possible[0]), min(limit, axis.possible[1])) for axis in axes
    })


@FEW
@given(normal(RECOVERED["middle"], 60.0), normal(RECOVERED["paired"]), normal(RECOVERED["paired"]))
def test_angles_read_from_the_joints_are_the_angles_asked(
    middle: dict[str, float], left: dict[str, float], right: dict[str, float]
) -> None:
    found = measure(forward({"base": "standing", **middle, "left": left, "right": right}))
    asked = {"": middle, "left": left, "right": right}
    for side, wanted in asked.items():
        for name, value in wanted.items():
            assert (found[side] if side else found)[name] == pytest.approx(value, abs=1e-6), (side, name)


@FEW
@given(POSTURES)
def test_nothing_sinks_into_the_floor_and_something_rests_on_it(posture: dict[str, Any]) -> None:
    height = lowest(rest(posture))
    assert height == pytest.approx(0.12 if posture["base"] == "hanging" else 0.0, abs=1e-9)


def grounded() -> list[Any]:
    cases = [pytest.param({"base": base}, id=base) for base in BASES]
    return cases + [pytest.param(name, id=name) for name in LIBRARY]


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("base", sorted(BASES))
def test_figures_of_every_build_rest_on_the_floor(base: str, build: str) -> None:
    posture = resolve({"base": base, "figure": {"height": 190, "build": build}}, None, {})
    skeleton = rest(posture)
    for part, surface in contacts(posture).items():
        if surface == "floor":
            assert abs(lowest(skeleton, [part])) <= 0.01 * skeleton.stature, part


@pytest.mark.parametrize("pose", grounded())
def test_what_should_touch_the_floor_is_within_one_per_cent_of_stature_of_it(pose: Any) -> None:
    posture = resolve(pose, None, LIBRARY)
    skeleton = rest(posture)
    for part, surface in contacts(posture).items():
        if surface == "floor":
            assert abs(lowest(skeleton, [part])) <= 0.01 * STATURE, part


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("mirrored", [False, True])
def test_someone_on_the_side_rests_on_shoulder_hip_and_foot_with_one_leg_on_the_other(
    mirrored: bool, build: str
) -> None:
    skeleton = rest(resolve({"base": "side_lying", "mirror": mirrored, "figure": {"build": build}}, None, {}))
    below, above = ("right", "left") if mirrored else ("left", "right")
    assert len(spheres(skeleton, [f"{below}_side"])) == 3
    for at, radius in spheres(skeleton, [f"{below}_side"]):
        assert at[1] - radius == pytest.approx(0.0, abs=0.01 * STATURE)
    ankles = [spheres(skeleton, [f"{side}_side"])[-1] for side in (below, above)]
    gap = dist(ankles[0][0], ankles[1][0]) - ankles[0][1] - ankles[1][1]
    assert gap == pytest.approx(0.0, abs=0.01 * STATURE)


@FEW
@given(POSTURES)
def test_shoulder_and_hip_below_are_on_one_level_however_someone_on_the_side_bends(posture: dict[str, Any]) -> None:
    skeleton = rest({**posture, "base": "side_lying", "contacts": {"left_side": "floor"}})
    shoulder, hip = (lowest(skeleton, [f"left_{part}"]) for part in ("shoulder", "hip"))
    assert shoulder == pytest.approx(hip, abs=0.01 * STATURE)


@pytest.mark.parametrize("pose", [
    {"base": "supine", "knee_flexion": 80, "neck_flexion": 50, "neck_protraction": 4, "contacts": {"feet": "floor"}},
    {"base": "standing", "hip_flexion": 110, "shoulder_flexion": 165, "wrist_extension": 50, "neck_flexion": 10,
     "forearm_pronation": 80, "contacts": {"hands": "floor"}},
    {"base": "kneeling", "hip_flexion": 60, "knee_flexion": 120},
])
def test_a_body_on_two_supports_slopes_until_both_are_down(pose: dict[str, Any]) -> None:
    posture = resolve(pose, None, {})
    skeleton = rest(posture)
    grounded = [part for part, surface in contacts(posture).items() if surface == "floor"]
    assert len(grounded) > 1
    assert all(abs(lowest(skeleton, [part])) <= 0.01 * STATURE for part in grounded)


def test_the_sample_poses_are_within_normal_ranges() -> None:
    assert [finding for pose in LIBRARY.values() for finding in check(pose, LIBRARY)] == []


GUIDE = {
    "Pull-up variations": ("hanging", ["pullup_top", "pullup_mid", "hanging_knee_raise"]),
    "Chin-up variations": ("hanging", ["chinup_top", "chinup_mid"]),
    "Barbell row": ("bent", ["barbell_row", "barbell_row_start", "bent_over_fly"]),
    "Deadlift start": ("bent", ["deadlift_start", "romanian_deadlift"]),
    "Lat pulldown": ("seated", ["lat_pulldown", "lat_pulldown_start"]),
    "Cable row": ("seated", ["cable_row", "cable_row_start"]),
    "Bicep curl": ("front", ["bicep_curl", "hammer_curl"]),
    "Front poses": ("front", ["front_pose", "front_wave", "lateral_raise"]),
    "Rear poses": ("back", ["rear_pose", "rear_lat_spread"]),
    "Shoulder press": ("arms_up", ["shoulder_press", "shoulder_press_mid", "barbell_press"]),
    "Squat": ("side", ["squat", "dumbbell_squat"]),
    "Push-up": ("side", ["push_up", "push_up_low"]),
    "Lunge": ("quarter", ["lunge", "split_squat"]),
}
"""The rows of the training-set guide's table: the best anchor of each, and the variations of the sample that it is for."""


def test_the_distance_chooses_the_anchors_of_the_guides_thirteen_rows() -> None:
    character = yaml.safe_load((SPECS / "characters" / "mannequin.yaml").read_text())
    anchors = [(one["id"], resolve(one["pose"], None, LIBRARY), one["view_angle"])
               for one in character["anchors"]["poses"]]
    chosen = {}
    for one in character["variations"]:
        posture = resolve(one["pose"], None, LIBRARY)
        view = one["view_angle"]
        apart = {anchor: distance(posture, other, view, seen) for anchor, other, seen in anchors}
        chosen[one["id"]] = min(apart, key=lambda anchor: apart[anchor])
    assert chosen == {name: anchor for anchor, names in GUIDE.values() for name in names} and len(chosen) == 30


def test_the_distance_between_two_poses_does_not_ask_whose_they_are() -> None:
    posture = resolve("squat", None, LIBRARY)
    assert distance(posture, {**posture, "figure": {"height": 200.0, "build": "slim"}}) == 0


@FEW
@given(POSTURES, POSTURES)
def test_the_distance_is_symmetric_and_nothing_from_itself(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert distance(one, one, "oblique", "oblique") == 0
    assert distance(one, other) == pytest.approx(distance(other, one))
    assert distance(one, mirror(one), mirrored=True) == pytest.approx(0, abs=1e-6)
