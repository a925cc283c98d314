"""What an exercise says to whoever does it: read from its document, and told in words."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.ground.diagnostics import Diagnostic
from calotype.language.instructions import Instructions, dosage_in_words, instructions_of
from calotype.language.schema.validate import check
from calotype.language.yaml.document import parse

EXERCISE = "kind: exercise\nid: nod\nregion: neck\nimages: [{view_angle: lateral}]\n"


def faults(line: str) -> list[Diagnostic]:
    return list(check(parse(f"{EXERCISE}{line}\n".encode(), "nod.yaml"), "exercise"))


def test_a_spec_that_says_nothing_has_no_instructions():
    assert not instructions_of({"id": "nod"})


def test_a_text_alone_is_a_list_of_one():
    assert instructions_of({"equipment": "a chair", "precautions": ["Slowly.", "Stop\nif dizzy."]}) == Instructions(
        "", {}, ("Slowly.", "Stop if dizzy."), ("a chair",))


def test_a_dosage_is_told_in_the_order_of_the_clinic_and_with_its_units():
    written = {"load": 0.5, "per_day": 2, "rest": "2 minutes", "hold": 5, "repetitions": "8-12", "sets": 3}
    assert dosage_in_words(instructions_of({"dosage": written}).dosage) == [
        ("Sets", "3"), ("Repetitions", "8-12"), ("Hold", "5 s"), ("Rest", "2 minutes"), ("Times a day", "2"),
        ("Load", "0.5 kg")]


def test_an_empty_line_begins_a_paragraph():
    assert Instructions("For the\nneck.\n\nDaily.\n").paragraphs == ["For the neck.", "Daily."]


@pytest.mark.parametrize(("line", "message", "column"), [
    ("dosage: {set: 3}", "unknown key `set` in a dosage", 10),
    ("dosage: {sets: 0}", "`sets` is `0`; it must be 1 to 1000", 16),
    ("dosage: {sets: 2.5}", "`sets` is a number; it wants a whole number, or words", 16),
    ("dosage: {hold: -1}", "`hold` is `-1`; it must be more than 0, and at most 86400", 16),
    ("dosage: {load: [1]}", "`load` is a list; it wants a load", 16),
    ("dosage: {}", "`dosage` says nothing; it wants one of sets, repetitions, hold, rest, per_day, load", 9),
    ("dosage: 3 x 10", "`dosage` wants a mapping; this is text `3 x 10`", 9),
    ("equipment: []", "`equipment` holds nothing", 1),
    ("equipment: {a: 1}", "`equipment` is a mapping; it wants a text or a list of texts", 12),
    ("precautions: ['']", "an item of `precautions`", 15),
])
def test_what_cannot_be_shown_is_refused_with_its_place(line: str, message: str, column: int):
    told: Any = faults(line)
    assert [(fault.severity, fault.line, fault.column) for fault in told] == [("error", 5, column)]
    assert message in told[0].message, told[0].message


def test_characters_and_scenes_have_no_dosage():
    scene = parse(b"kind: scene\nid: a\nshots: [{id: b}]\ndosage: {sets: 3}\n", "a.yaml")
    assert [fault.message for fault in check(scene, "scene")] == ["unknown key `dosage` in a scene"]
