"""How a body stands in a shot, by its words."""

from __future__ import annotations

import pytest

from calotype.language.board.brief import lexicon
from calotype.language.board.shot_poses import BEATS, POSTURES, pose_of, told_poses

SHOTS = [
    ("wide shot, a woman sits alone at a kitchen table", "table", "establish", ""),
    ("medium close-up, her hand reaches for a mug on the table", "table", "touch", "mug"),
    ("close-up, she takes a sip from the cup at her desk", "table", "use", "mug"),
    ("medium shot, a man sitting on a sofa smiles to himself", "table", "feel", ""),
    ("medium shot, a man in an armchair gazes at the box", "table", "want", ""),
    ("wide shot, a runner runs along the empty road", "move", "use", ""),
    ("medium shot, the runner kneels and laces her shoes", "stand", "touch", ""),
    ("wide shot, a girl walks away down the street", "stand", "leave", ""),
    ("medium shot, a man standing in a shop holds the watch up to the camera", "stand", "close", ""),
    ("close-up, perfume bottle on black marble", "stand", "establish", ""),
]


def test_the_lexicon_has_a_pose_for_every_posture_and_beat() -> None:
    assert set(lexicon()["poses"]) == set(POSTURES) and set(lexicon()["beats"]) == set(BEATS)
    assert all(pose_of(posture, beat)["base"] for posture in POSTURES for beat in BEATS)


@pytest.mark.parametrize(("prompt", "posture", "beat", "prop"), SHOTS)
def test_words_tell_posture_beat_and_what_is_held(prompt: str, posture: str, beat: str, prop: str) -> None:
    assert told_poses([(prompt, "", "")]) == [pose_of(posture, beat, prop)]


def test_the_hand_that_is_named_acts() -> None:
    [left] = told_poses([("a man at a table reaches for a cup with his left hand", "", "")])
    right = pose_of("table", "touch", "mug")
    assert left == pose_of("table", "touch", "mug", "left") and left["left"] == right["right"] and "right" not in left
    assert pose_of("table", "use", "mug", "left")["contacts"] == {"left_hand": "mug"}
    assert pose_of("move", "touch", "", "left") == pose_of("move", "touch")  # the foot in front is the base's


def test_a_shot_that_tells_no_posture_has_that_of_the_one_before() -> None:
    _, second = told_poses([("a man sits at a wheel", "", ""), ("close-up, he lifts one bowl", "", "")])
    assert second == pose_of("table", "use")
