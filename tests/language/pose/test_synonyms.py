"""The words of the clinic: each is told the term that it means, and what means none gets no guess."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.language.pose import check
from calotype.language.pose.synonyms import POSTURES, THINGS, meant
from calotype.language.pose.terms import BASES, JOINTS


def hint(pose: Any) -> str | None:
    finding, = check(pose, {})
    assert finding.severity == "error"
    return finding.hint


@pytest.mark.parametrize(("word", "term"), [
    ("shoulder_lateral_rotation", "shoulder_external_rotation"), ("shoulder_medial_rotation", "shoulder_internal_rotation"),
    ("shoulder_outward_rotation", "shoulder_external_rotation"), ("gh_ir", "shoulder_internal_rotation"),
    ("hip_lateral_rotation", "hip_external_rotation"), ("trunk_flexion", "spine_flexion"), ("pronation", "forearm_pronation"),
    ("supination", "forearm_supination"), ("elbow_pronation", "forearm_pronation"), ("foot_pronation", "ankle_eversion"),
    ("cervical_flexion", "neck_flexion"), ("neck_side_flexion", "neck_lateral_flexion"), ("neck_side_bending", "neck_lateral_flexion"),
    ("trunk_rotation", "spine_rotation"), ("lower_back_extension", "lumbar_extension"), ("upper_back_rotation", "thoracic_rotation"),
    ("dorsi_flexion", "ankle_dorsiflexion"), ("plantar_flexion", "ankle_plantarflexion"), ("ankle_flexion", "ankle_dorsiflexion"),
    ("wrist_dorsiflexion", "wrist_extension"), ("wrist_palmar_flexion", "wrist_flexion"), ("wrist_ulnar_flexion", "wrist_ulnar_deviation"),
    ("shoulder_horizontal_flexion", "shoulder_horizontal_adduction"), ("scapula_retraction", "scapular_retraction"),
    ("shoulder_shrug", "scapular_elevation"), ("chin_tuck", "neck_retraction"), ("pelvic_tilt", "posterior_pelvic_tilt"),
    ("pelvic_tilt_anterior", "anterior_pelvic_tilt"), ("posterior_tilt", "posterior_pelvic_tilt"),
    ("pelvic_rotation", "lower_trunk_rotation"), ("knees_to_side", "lower_trunk_rotation"),
    ("big_toe_extension", "toe_extension"), ("Hip-Abduction", "hip_abduction"), ("hip flexion", "hip_flexion"),
    ("flexion_of_the_knee", "knee_flexion"), ("hip_flexin", "hip_flexion"), ("kne_flexion", "knee_flexion"), ("knee", "knee_flexion"),
    ("kneeflexion", "knee_flexion"), ("hipAbduction", "hip_abduction"), ("KneeFlexion", "knee_flexion"),
    ("ankle_extension", "ankle_plantarflexion"), ("radial_deviation", "wrist_radial_deviation"),
    ("horizontal_flexion", "shoulder_horizontal_adduction"),
])
def test_a_word_for_a_joint_is_told_its_term(word: str, term: str) -> None:
    assert term in JOINTS
    assert hint({word: 30}) == f"did you mean `{term}`?"


@pytest.mark.parametrize(("pose", "told"), [
    ({"left_knee_flexion": 40}, "write left: {knee_flexion: 40}"), ({"knee_flexion_right": 40}, "write right: {knee_flexion: 40}"),
    ({"L hip abd": 20}, "write left: {hip_abduction: 20}"), ({"right_neck_rotation": 30}, "write right: {neck_rotation: 30}"),
    ({"left_shoulder_lateral_rotation": 30}, "write left: {shoulder_external_rotation: 30}"),
    ({"left": {"shoulder_lateral_rotation": 30}}, "did you mean `shoulder_external_rotation`?"),
    ({"knee_flexion": {"left": 30, "right": 60}}, "write left: {knee_flexion: 30}, right: {knee_flexion: 60}"),
    ({"knee": {"flexion": 90}}, "write knee_flexion: 90, without a mapping of its own"),
    ({"left": {"trunk_flexion": 20}}, "write spine_flexion: 20 beside `left`, not under it: it is on the midline"),
])
def test_a_side_is_told_where_it_is_written(pose: Any, told: str) -> None:
    assert hint(pose) == told


@pytest.mark.parametrize("word", ["jaw_opening", "temperature", "flexion", "wing_abduction", "sitting", "rotation", "eye_rotation"])
def test_a_word_that_shares_no_joint_with_any_term_gets_no_guess(word: str) -> None:
    assert hint({word: 30}) is None


@pytest.mark.parametrize(("word", "terms"), [
    ("external_rotation", "shoulder_external_rotation, hip_external_rotation"), ("retraction", "neck_retraction, scapular_retraction"),
    ("abduction", "shoulder_abduction, shoulder_horizontal_abduction, hip_abduction"),
])
def test_a_motion_without_its_joint_is_told_the_few_joints_that_have_it(word: str, terms: str) -> None:
    assert hint({word: 30}) == f"name the joint, too: {terms}"


@pytest.mark.parametrize(("word", "joint"), [("knee_abduction", "knee"), ("hip_rotation", "hip"), ("elbow_tilt", "elbow")])
def test_a_motion_that_a_joint_has_not_is_told_those_that_it_has(word: str, joint: str) -> None:
    assert hint({word: 30}) == f"the {joint} has " + ", ".join(term for term in JOINTS if term.startswith(f"{joint}_"))


@pytest.mark.parametrize("span", ["0-90", "0 - 90", "0\u201390", "0 to 90", "0\u00b0-90\u00b0", "0..90", [0, 90]])
def test_a_range_is_told_as_a_movement(span: Any) -> None:
    told = "a pose is one moment: write knee_flexion: 90; a movement is from: {knee_flexion: 0}, to: {knee_flexion: 90}"
    assert hint({"knee_flexion": span}) == told


@pytest.mark.parametrize("text", ["90\u00b0", "90 deg", "90 degrees", "+90\u00b0", "90\u00ba"])
def test_a_unit_is_told_away(text: str) -> None:
    assert hint({"knee_flexion": text}) == "write 90, with no quotes and no unit"


@pytest.mark.parametrize(("text", "degrees"), [("1.57 rad", 90), ("-0.5rad", -29), ("0.785 radians", 45)])
def test_radians_are_told_in_degrees(text: str, degrees: int) -> None:
    assert hint({"knee_flexion": text}) == f"write {degrees}: angles are degrees, with no quotes and no unit"


def test_a_height_is_told_without_its_unit() -> None:
    assert hint({"figure": {"height": "186 cm"}}) == "write 186, with no quotes and no unit"
    assert hint({"figure": {"height": "1.86 m"}}) is None


@pytest.mark.parametrize(("word", "sex"), [
    ("woman", "female"), ("Women", "female"), ("f", "female"), ("F", "female"), ("femal", "female"), ("man", "male"),
    ("M", "male"), ("men", "male"), ("unisex", "neutral"),
])
def test_a_sex_in_everyday_words_is_told_its_term(word: str, sex: str) -> None:
    assert hint({"figure": {"sex": word}}) == f"did you mean `{sex}`?"


@pytest.mark.parametrize(("key", "value"), [("sex", "female"), ("height", 186), ("build", "slim"), ("hair", "long")])
def test_what_is_said_of_the_figure_is_told_where_it_goes(key: str, value: Any) -> None:
    assert hint({key: value}) == f"write figure: {{{key}: {value}}}"


def test_a_gender_is_told_the_key() -> None:
    assert hint({"figure": {"gender": "female"}}) == "did you mean `sex`?"


@pytest.mark.parametrize(("word", "base"), [
    ("side-lying", "side_lying"), ("sidelying", "side_lying"), ("tall kneeling", "kneeling"), ("half kneel", "half_kneeling"),
    ("on one knee", "half_kneeling"), ("long sit", "long_sitting"), ("hook lying", "crook_lying"), ("crook-lying", "crook_lying"),
    ("heel-sitting", "heel_sitting"), ("child's pose", "heel_sitting"), ("press-up", "plank"), ("high plank", "plank"),
    ("sitting", "seated"),
])
def test_an_everyday_word_for_a_posture_is_told_its_base(word: str, base: str) -> None:
    assert meant(word, list(BASES)) == f"did you mean `{base}`?"


@pytest.mark.parametrize(("pose", "term"), [
    ({"base": "sitting"}, "seated"), ({"base": "on all fours"}, "quadruped"), ({"base": "four-point kneeling"}, "quadruped"),
    ({"base": "Lying on back"}, "supine"), ({"base": "face down"}, "prone"), ({"base": "side-lying"}, "side_lying"),
    ({"base": "tall kneeling"}, "kneeling"), ({"contacts": {"palms": "floor"}}, "hands"), ({"contacts": {"left_hand": "ground"}}, "floor"),
    ({"contacts": {"buttocks": "chair"}}, "seat"), ({"arrows": [{"of": "left_wrist", "path": "up"}]}, "left_hand"),
    ({"arrows": [{"of": "left_hand", "path": "upwards"}]}, "up"), ({"props": ["cup"]}, "mug"),
])
def test_everyday_words_for_postures_parts_and_things(pose: Any, term: str) -> None:
    assert hint(pose) == f"did you mean `{term}`?"


def test_an_arc_without_its_side_is_told_both() -> None:
    assert hint({"arcs": ["knee_flexion"]}) == "did you mean `left_knee_flexion` or `right_knee_flexion`?"


def test_no_synonym_is_a_term_by_itself() -> None:
    assert not set(POSTURES) & set(POSTURES.values()) and not {word for word in THINGS if THINGS[word] == word}


@pytest.mark.parametrize(("contact", "told"), [
    ({"palm": "floor"}, "did you mean `left_hand` or `right_hand`?"), ({"sole": "floor"}, "did you mean `left_foot` or `right_foot`?"),
    ({"right_feet": "floor"}, "did you mean `right_foot`?"), ({"left_elbows": "floor"}, "did you mean `left_elbow`?"),
    ({"toes_left": "floor"}, "did you mean `left_toes`?"), ({"lower_back": "floor"}, "did you mean `back`?"),
    ({"chin": "floor"}, "did you mean `head`?"), ({"tummy": "floor"}, "did you mean `chest`?"),
    ({"left_hand": "right_leg"}, "did you mean `right_thigh`?"), ({"left_hand": "banister"}, "did you mean `bar`?"),
    ({"left_hand": "opposite_knee"}, "did you mean `left_knee` or `right_knee`?"), ({"left_hand": "worktop"}, "did you mean `table`?"),
    ({"left_hand": "theraband"}, "what is tied or taut is written under `props`"),
])
def test_an_everyday_word_for_a_part_or_a_surface_is_told_its_term(contact: dict[str, str], told: str) -> None:
    assert hint({"contacts": contact}) == told
