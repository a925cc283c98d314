"""The pelvis moves under the spine: tilts, and turns with both knees; trunk, thighs and what rests on the floor stay."""

from __future__ import annotations

from math import atan2, degrees
from typing import Any

import pytest

from calotype.language.pose import resolve
from calotype.language.pose.alt_text import alt_text
from calotype.language.pose.check import check
from calotype.language.pose.laterality.contradictions import contradictions
from calotype.language.pose.linear import Vector, turn
from calotype.language.pose.measure import measure
from calotype.language.pose.posture import mirror
from calotype.language.pose.stance import result
from calotype.language.pose.terms import BASES
from calotype.language.pose.unmet import unmet

TILT = {"base": "supine", "hip_flexion": 44, "knee_flexion": 100, "ankle_plantarflexion": 34, "contacts": {"feet": "floor"}}
KNEES = {"base": "crook_lying", "right": {"lower_trunk_rotation": 45}}


def facing(pose: Any, bone: str, axis: Vector = (0.0, 1.0, 0.0)) -> Vector:
    return turn(result(resolve(pose, None, {})).skeleton.rotation[bone], axis)


def pitch(pose: Any, bone: str) -> float:
    """Degrees by which a bone of an upright body leans forward."""
    x, y, _ = facing(pose, bone)
    return degrees(atan2(x, y))


@pytest.mark.parametrize(("term", "sense"), [("anterior_pelvic_tilt", 1), ("posterior_pelvic_tilt", -1)])
@pytest.mark.parametrize("base", ["standing", "seated", "kneeling"])
def test_a_tilt_moves_the_pelvis_against_spine_and_thighs(base: str, term: str, sense: int) -> None:
    level, tilted = {"base": base}, {"base": base, term: 15}
    assert pitch(tilted, "pelvis") - pitch(level, "pelvis") == pytest.approx(15 * sense, abs=3)
    assert pitch(tilted, "thoracic_1") == pytest.approx(pitch(level, "thoracic_1"), abs=6)
    assert pitch(tilted, "left_thigh") == pytest.approx(pitch(level, "left_thigh"), abs=6)
    lumbar = measure(result(resolve(tilted, None, {})).skeleton)["lumbar_flexion"]
    assert lumbar - measure(result(resolve(level, None, {})).skeleton)["lumbar_flexion"] == pytest.approx(-15 * sense, abs=0.1)


@pytest.mark.parametrize("pose", [{**TILT, "posterior_pelvic_tilt": 20}, {"base": "crook_lying", "posterior_pelvic_tilt": 20},
                                  {"base": "crook_lying", "anterior_pelvic_tilt": 15}, KNEES])
def test_back_and_feet_stay_on_the_floor(pose: Any) -> None:
    made = resolve(pose, None, {})
    outcome = result(made)
    assert not outcome.released and all(contact.holds for contact in outcome.contacts)
    assert {"back", "left_foot", "right_foot"} == {contact.part for contact in outcome.contacts}
    assert outcome.sunk < 0.02 and not unmet(made, pose)


def test_a_rounded_back_that_leaves_the_floor_is_told_of_the_tilt() -> None:
    pose = {**TILT, "lumbar_flexion": 20}
    (finding,) = unmet(resolve(pose, None, {}), pose)
    assert finding.pointer == ("lumbar_flexion",) and "posterior_pelvic_tilt: 20" in str(finding.hint)
    curl = {**pose, "thoracic_flexion": 30}
    assert not unmet(resolve(curl, None, {}), curl)


def test_both_knees_go_to_the_side_that_is_said_and_the_shoulders_stay() -> None:
    skeleton = result(resolve(KNEES, None, {})).skeleton
    middle = (skeleton.position["left_foot"][2] + skeleton.position["right_foot"][2]) / 2
    assert all(skeleton.position[f"{side}_shank"][2] - middle > 0.12 for side in ("left", "right"))
    level = abs(skeleton.position["left_upper_arm"][1] - skeleton.position["right_upper_arm"][1])
    assert level < 0.04
    image = mirror(resolve(KNEES, None, {}))
    assert image == resolve({"base": "crook_lying", "left": {"lower_trunk_rotation": 45}}, None, {})


@pytest.mark.parametrize(("pose", "said"), [
    (KNEES, "both knees lowered to the right 45 degrees"),
    ({**KNEES, "mirror": True}, "both knees lowered to the left 45 degrees"),
    ({"from": {"base": "crook_lying"}, "to": KNEES}, "both knees moving from in the middle to lowered to the right 45 degrees"),
    ({"base": "seated", "left": {"lower_trunk_rotation": 20}}, "the pelvis turned to the left 20 degrees"),
    ({"base": "crook_lying", "posterior_pelvic_tilt": 15}, "the pelvis tilted back 15 degrees"),
    ({"base": "standing", "anterior_pelvic_tilt": 15}, "the pelvis tilted forward 15 degrees"),
])
def test_the_pelvis_is_told_by_what_is_seen(pose: Any, said: str) -> None:
    assert said in alt_text(resolve(pose, None, {}), "lateral")


@pytest.mark.parametrize("text", ["Let both knees drop to the {}.", "Lower trunk rotation to the {}.", "Roll the knees to the {}, shoulders down.",
                                  "Knees lowered to the {}."])
def test_words_that_send_the_knees_to_the_other_side_are_found(text: str) -> None:
    posture = resolve(KNEES, None, {})
    assert not contradictions(text.format("right"), posture)
    assert contradictions(text.format("left"), posture)
    assert not contradictions(text.format("left"), resolve("crook_lying", None, {}))


@pytest.mark.parametrize("base", BASES)
def test_a_pelvis_that_is_level_says_nothing(base: str) -> None:
    level = {"base": base, "anterior_pelvic_tilt": 0, "right": {"lower_trunk_rotation": 0}}
    assert resolve(level, None, {}) == resolve(base, None, {}) and not check(level, {})
