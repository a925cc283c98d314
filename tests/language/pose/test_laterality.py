"""Left and right in words against the pose: what is said must be true, and what is silent must be few."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from calotype.language.pose import resolve
from calotype.language.pose.alt_text import long_description
from calotype.language.pose.laterality import contradictions, one_sided
from calotype.language.pose.laterality.side_words import ARM, LEG, MUSCLES
from calotype.language.pose.terms import AXES, BASES, SIDES
from conftest import REPOSITORY

CORPUS = Path(__file__).with_name("laterality_corpus.yaml")
_MARKED = re.compile(r"\[(left|right)\]", re.IGNORECASE)


def sentences() -> Iterator[tuple[str, Any, str, str]]:
    """(tuned or held out, pose, the right sentence, the wrong one or "")."""
    number = 0
    for group in yaml.safe_load(CORPUS.read_text(encoding="utf-8")):
        posture = resolve(group["pose"], None, {})
        for text in group["texts"]:
            share = "held out" if not group.get("seen") and number % 3 == 2 else "tuned"
            number += not group.get("seen")
            right, wrong = (_MARKED.sub(lambda match, swap=swap: _side(match[1], swap), text) for swap in (False, True))
            yield share, posture, right, wrong if wrong != right else ""


def _side(word: str, swap: bool) -> str:
    side = {"left": "right", "right": "left"}[word.lower()] if swap else word.lower()
    return side.capitalize() if word[0].isupper() else side


@pytest.mark.parametrize("share", ["tuned", "held out"])
def test_no_right_sentence_is_accused_and_nine_in_ten_of_the_wrong_are_found(share: str) -> None:
    chosen = [each for each in sentences() if each[0] == share]
    assert [right for _, posture, right, _ in chosen if contradictions(right, posture)] == []
    exchanged = [(posture, wrong) for _, posture, _, wrong in chosen if wrong]
    recall = sum(bool(contradictions(wrong, posture)) for posture, wrong in exchanged) / len(exchanged)
    assert recall >= 0.9, f"{recall:.3f} of {len(exchanged)}"


def test_the_corpus_is_large_and_balanced() -> None:
    right, wrong = len(list(sentences())), sum(bool(wrong) for *_, wrong in sentences())
    assert min(right, wrong) >= 200 and 0.4 <= wrong / (right + wrong) <= 0.5


@pytest.mark.parametrize(("text", "pose", "about"), [
    ("head tilted to the left", {"base": "seated", "right": {"neck_lateral_flexion": 30}}, ("left", "head")),
    ("lying on the right side", {"base": "side_lying"}, ("right", "side")),
    ("rotate the trunk to the left", {"base": "seated", "right": {"spine_rotation": 30}}, ("left", "trunk")),
    ("kneeling on the right knee", {
        "right": {"hip_flexion": 90, "knee_flexion": 90}, "left": {"knee_flexion": 90},
        "contacts": {"left_knee": "floor", "left_foot": "none"}}, ("right", "knee")),
    ("standing on the left leg", {"left": {"hip_flexion": 60, "knee_flexion": 80}}, ("left", "leg")),
])
def test_neck_trunk_stance_kneeling_and_lying_are_read(text: str, pose: Any, about: tuple[str, str]) -> None:
    posture = resolve(pose, None, {})
    other = re.sub("left|right", lambda match: _side(match[0], True), text)
    assert list(contradictions(text, posture)) == [about]
    assert contradictions(other, posture) == {}


@pytest.mark.parametrize("text", [
    "left knee bent, right leg straight", "Right knee bent, left leg straight", "the left and the right arm",
    "a right angle at the left hip and the right", "L knee bent, R leg straight",
])
def test_a_text_that_names_both_sides_is_left_alone(text: str) -> None:
    posture = resolve({"base": "supine", "right": {"hip_flexion": 60, "knee_flexion": 90}}, None, {})
    assert contradictions(text, posture) == {}


def test_short_forms_of_left_and_right_are_read() -> None:
    posture = resolve({"base": "supine", "right": {"hip_flexion": 60, "knee_flexion": 90}}, None, {})
    for text in ("Bend the L knee", "(L) knee flexed", "Lt. knee bent"):
        assert list(contradictions(text, posture)) == [("left", "knee")], text
    assert contradictions("Bend the R knee, disc L4/L5", posture) == {}


def test_texts_that_say_different_things_of_two_limbs_are_told_apart() -> None:
    (stands,), (lifts,) = one_sided("standing on the left leg"), one_sided("lift the right leg")
    assert not stands[2] & lifts[2]


def test_the_sample_texts_agree_with_their_poses() -> None:
    specs = REPOSITORY / "specs"
    library = {file.stem: yaml.safe_load(file.read_text()) for file in (specs / "poses").glob("*.yaml")}
    for file in (specs / "exercises").rglob("*.yaml"):
        for image in yaml.safe_load(file.read_text())["images"]:
            posture = resolve(image["pose"], image["body_position"], library)
            for text in (image["description"], image["caption"]):
                assert contradictions(text, posture) == {}, file.name


EIGHT = ["standing", "seated", "supine", "prone", "quadruped", "side_lying", "kneeling", "hanging"]


@pytest.mark.parametrize(("bases", "seed"), [(EIGHT, 3), ([base for base in BASES if base not in EIGHT], 11)])
def test_what_is_told_of_a_pose_is_never_held_against_it(bases: list[str], seed: int) -> None:
    """Each joint of many poses by chance, in the words of the alt text."""
    chance = random.Random(seed)
    for _ in range(300):
        pose = any_pose(chance, bases)
        posture = resolve(pose, None, {})
        told = long_description(posture, "anterior").partition("Joints: ")[2].rstrip(".")
        for phrase in re.split(", | and ", told):
            assert contradictions(phrase, posture) == {}, (phrase, pose)


@pytest.mark.parametrize(("text", "pose"), [
    ("the left palm turned up 5 degrees", {"left": {"forearm_supination": 5}, "right": {"elbow_flexion": 31}}),
    ("the right hip bent 6 degrees", {"base": "side_lying", "right": {"hip_flexion": 6}}),
    ("the left arm raised sideways 12 degrees", {"left": {"shoulder_abduction": 12}, "right": {"elbow_flexion": 101}}),
    ("the right arm raised forward 13 degrees", {"base": "heel_sitting", "left": {"lower_trunk_rotation": 25}, "right": {"shoulder_flexion": 13}}),
])
def test_an_angle_that_is_named_and_there_is_right_however_small(text: str, pose: Any) -> None:
    assert contradictions(text, resolve({"solve": False, **pose}, "standing", {})) == {}


def any_pose(chance: random.Random, bases: list[str]) -> dict[str, Any]:
    pose: dict[str, Any] = {"base": chance.choice(bases), "solve": False}
    for axis in chance.sample(AXES, 4):
        value = chance.choice([whole for whole in range(int(axis.normal[0]), int(axis.normal[1])) if abs(whole) >= 4])
        side = chance.choice(SIDES) if axis.laterality != "axial" else ""
        (pose.setdefault(side, {}) if side else pose)[axis.name] = value
    return pose


WORDS = ("lift the left {}", "left {} bent", "left {} straight", "left {} on the floor", "stand on the left {}", "left {} behind",
         "left {} in front", "left {} out to the side", "left {} turned in", "left {} overhead", "left {} down", "move the left {}",
         "left {} flat and relaxed", "left {} across", "left {} to the ceiling", "kneel on the left {}", "left {} raised")


@pytest.mark.parametrize("base", BASES)
def test_any_part_with_any_words_is_read(base: str) -> None:
    posture = resolve({"base": base, "right": {"hip_flexion": 40, "shoulder_flexion": 60}}, None, {})
    for part in (*LEG, *ARM, *MUSCLES, "scapula", "sole", "toe"):
        for words in WORDS:
            assert isinstance(contradictions(words.format(part), posture), dict)
