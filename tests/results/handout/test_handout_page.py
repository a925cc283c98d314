"""A handout as a file: it needs no other, runs nothing, and says what it was given."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from calotype.language.instructions import Instructions
from calotype.results.handout.handout_page import Handout, HandoutExercise, HandoutPicture, is_handout, page
from calotype.results.handout.handout_strings import ENGLISH, Strings

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>'\"&{{ 7*7 }}"
PICTURE = HandoutPicture(b"\x89PNG", (64, 48), "A head bows", "Bow", "Bow the head.")


def handout(*exercises: HandoutExercise, strings: Strings | None = None, patient: str = "") -> str:
    return page(Handout(exercises, strings or Strings(), patient=patient)).decode()


def test_it_says_all_of_an_exercise():
    said = Instructions("For the neck.\n\nDaily.", {"sets": 3, "hold": 5}, ("Stop if dizzy.",), ("a chair", "a towel"))
    text = handout(HandoutExercise("Nod", said, (PICTURE,)), patient="Ana")
    for words in ("Nod", "<p>For the neck.</p>", "<p>Daily.</p>", "<dt>Hold</dt><dd>5 s</dd>", "a chair, a towel",
                  "<li>Stop if dizzy.</li>", 'alt="A head bows"', "<b>Bow</b> Bow the head.", "<dt>Patient</dt><dd>Ana</dd>",
                  "<dt>Clinic</dt><dd></dd>", f"base64,{base64.b64encode(PICTURE.png).decode()}"):
        assert words in text, words


def test_it_runs_nothing_and_loads_nothing():
    evil = HandoutExercise(EVIL, Instructions(EVIL, {"load": EVIL}, (EVIL,), (EVIL,)),
                           (HandoutPicture(b"", (1, 1), EVIL, EVIL, EVIL),))
    text = handout(evil, strings=Strings(words=dict.fromkeys(ENGLISH, EVIL)), patient=EVIL)
    assert "<script" not in text and "<img src=x" not in text and "{{ 7*7 }}" in text
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert policy and style and "default-src 'none'; img-src data:" in policy[1] and "unsafe" not in policy[1]
    assert f"'sha256-{base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()}'" in policy[1]
    assert "style=" not in text and not re.findall(r'(?:src|href)="(?!data:)', text)


def test_a_language_has_its_direction_and_its_units():
    strings = Strings("ar", {**ENGLISH, "seconds": "ثوان"}, "rtl")
    text = handout(HandoutExercise("Nod", Instructions(dosage={"hold": 5}), (PICTURE,)), strings=strings)
    assert '<html lang="ar" dir="rtl">' in text and "5 ثوان" in text


def test_a_handout_is_known_by_its_beginning(tmp_path: Path):
    file = tmp_path / "a.html"
    file.write_bytes(page(Handout((), Strings())))
    assert is_handout(file)
    file.write_text("<!doctype html><title>Mine</title>")
    assert not is_handout(file)
