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
    ("Turn to look right", "Turn to look left"),
    ("Clam (L), pain on the R", "Clam (R), pain on the L"),
    ("Leg raise - R", "Leg raise - L"),
    ("L: 10, R: 12; R-sided, L glute, LLE, L/R", "R: 10, L: 12; L-sided, R glute, RLE, R/L"),
    ("Cross your legs, right over left", "Cross your legs, left over right"),
    ("cross the left over the right", "cross the right over the left"),
    ("left arm up, right down, then right back", "right arm up, left down, then left back"),
)


@pytest.mark.parametrize(("text", "other"), PAIRS)
def test_a_side_is_named_as_the_other_one_and_back(text: str, other: str):
    assert (exchanged(text), exchanged(other)) == (other, text)


@pytest.mark.parametrize("text", [
    "at a right angle", "at right angles to the floor", "the right height", "all right", "right away",
    "hold the towel right under the chin", "what is left", "no time is left over", "right-handed people",
    "the left picture shows the start", "bright, copyright", "Stop if it hurts.", "30 seconds left", "that's right",
    "between L4 and L5 (L5/S1)", "Bend forward and right down to the floor", "Sit right back, then lean on it",
])
def test_a_word_that_is_no_side_of_what_is_shown_stays(text: str):
    assert exchanged(text) == text


@pytest.mark.parametrize("turn", ["anticlockwise", "anti-clockwise", "anti clockwise", "counterclockwise", "counter-clockwise"])
def test_every_spelling_of_the_other_way_round_is_turned(turn: str):
    assert exchanged(f"Small circles, {turn}.") == "Small circles, clockwise."


def test_another_language_exchanges_whole_words_in_their_case():
    turn = exchanger({"levo": "desno", "leva": "desna"})
    assert turn("Leva noga levo, DESNO koleno; levoročni") == "Desna noga desno, LEVO koleno; levoročni"
