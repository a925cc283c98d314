"""A posture in plain words: sides, views and joints agree with the pose, in any language that is given."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from calotype.language.pose import resolve
from calotype.language.pose.alt_text import ENGLISH, Locale, alt_text, long_description
from calotype.language.pose.posture import mirror
from calotype.language.pose.props.prop_kinds import PROPS, SURFACES
from calotype.language.pose.props.prop_words import HELD_BALL
from calotype.language.pose.terms import AXES, BASES, MIDLINE_PARTS, PARTS, PLURALS

FOUR = {"base": "supine", "right": {"hip_flexion": 89, "hip_external_rotation": 58}, "left": {"knee_flexion": 100},
        "contacts": {"right_foot": "thigh"}}


def test_what_stands_by_is_told() -> None:
    posture = resolve({"base": "seated", "props": ["table", "mug"]}, None, {})
    assert alt_text(posture, "anterior") == "A person seated with a mug and a table at hand, seen from the front."
    assert long_description(posture, "anterior").startswith("A person seated with a mug and a table at hand, seen")
    assert set(ENGLISH.props) == set(PROPS)


def test_lying_on_the_right_side_is_told_as_plainly_as_on_the_left() -> None:
    left = resolve("side_lying", None, {})
    assert alt_text(left, "anterior") == "A person lying on the side, seen from the front: the left side on the floor."
    assert alt_text(mirror(left), "anterior") == alt_text(left, "anterior").replace("left", "right")


def test_alt_text_tells_base_view_joints_and_contacts() -> None:
    text = alt_text(resolve(FOUR, None, {}), "oblique", "right")
    assert text.startswith("A person lying on the back, seen at an angle from the right front: ")
    assert "the right hip bent" in text and "the right hip turned outward" in text
    assert "the left knee bent" in text and "the right foot on the thigh" in text


def test_the_mirrored_pose_is_told_with_the_other_sides() -> None:
    posture = resolve(FOUR, None, {})
    swapped = alt_text(posture, "lateral", "right").replace("right", "?").replace("left", "right").replace("?", "left")
    told = alt_text(mirror(posture), "lateral", "left")
    assert sorted(swapped.rstrip(".").split()) == sorted(told.rstrip(".").split())


def test_the_long_description_gives_degrees_and_centimetres() -> None:
    posture = resolve({"from": "seated", "to": {"base": "seated", "neck_retraction": 4, "neck_flexion": 12}}, None, {})
    text = long_description(posture, "lateral")
    assert "the head drawn straight back 4 centimetres" in text and "bowed forward 12 degrees" in text


def test_english_has_a_word_for_everything_a_pose_can_say() -> None:
    assert set(ENGLISH.bases) == set(BASES)
    assert {axis.name for axis in AXES} == set(ENGLISH.motions)
    assert {*PARTS, *PLURALS, *MIDLINE_PARTS} <= set(ENGLISH.parts)
    assert set(SURFACES) - {"none"} | {HELD_BALL} == set(ENGLISH.surfaces)


def test_another_language_is_another_table() -> None:
    words = asdict(ENGLISH) | {"bases": {**ENGLISH.bases, "standing": "stehend"},
                               "views": {**ENGLISH.views, "anterior": "von vorn"},
                               "phrases": {**ENGLISH.phrases, "plain": "Eine Person, {base}, {view}."}}
    told = alt_text(resolve("standing", None, {}), "anterior", "right", Locale.of(words))
    assert told == "Eine Person, stehend, von vorn."
    with pytest.raises(KeyError):
        Locale.of({"bases": {}})
