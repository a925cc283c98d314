"""Left and right exchanged in words, as for a mirror image: every side of the body and the room, and nothing else."""

from __future__ import annotations

import pytest

from calotype.language.pose.laterality.exchange import exchanged, exchanger

PAIRS = (
    ("Lift the left leg.", "Lift the right leg."),
    ("LEFT knee and Right foot", "RIGHT knee and Left foot"),
    ("seen from the right side", "seen from the left side"),
    ("Turn right at the hips, from left to right", "Turn left at the hips, from right to left"),
    ("L knee bent, (R) arm, Rt. hip", "R knee bent, (L) arm, Lt. hip"),
    ("on the viewer's left", "on the viewer's right"),
    ("to the right side of the chair", "to the left side of the chair"),
    ("the ball in your right, the left-hand rail", "the ball in your left, the right-hand rail"),
    ("for right knee pain", "for left knee pain"),
    ("clockwise, then anticlockwise", "anticlockwise, then clockwise"),
    ("drift rightwards", "drift leftwards"),
)


@pytest.mark.parametrize(("text", "other"), PAIRS)
def test_a_side_is_named_as_the_other_one_and_back(text: str, other: str):
    assert (exchanged(text), exchanged(other)) == (other, text)


@pytest.mark.parametrize("text", [
    "at a right angle", "at right angles to the floor", "the right height", "all right", "right away",
    "hold the towel right under the chin", "what is left", "no time is left over", "right-handed people",
    "the left picture shows the start", "bright, copyright", "Stop if it hurts.",
])
def test_a_word_that_is_no_side_of_what_is_shown_stays(text: str):
    assert exchanged(text) == text


def test_another_language_exchanges_whole_words_in_their_case():
    turn = exchanger({"levo": "desno", "leva": "desna"})
    assert turn("Leva noga levo, DESNO koleno; levoročni") == "Desna noga desno, LEVO koleno; levoročni"
