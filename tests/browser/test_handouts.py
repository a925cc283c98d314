"""A handout in a real browser: nothing runs, nothing is loaded, it fits A4 and a phone, and anybody can read it."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from calotype.language.instructions import Instructions
from calotype.results.handout.handout_page import Handout, HandoutExercise, HandoutPicture, page
from calotype.results.handout.handout_strings import Strings
from chromium import chromium, tab, violations

__all__ = ["chromium"]
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>'\"&"
SAID = Instructions(
    "Strengthens the hip.", {"sets": 3, "repetitions": "8-12", "hold": 5, "per_day": 2},
    ("Stop if the pain is worse an hour later.", "Keep the right knee straight."), ("a chair", "a towel"))
A4_INSIDE = {"width": 688, "height": 1047}
"""CSS pixels of an A4 page within its margins."""


def picture(number: int) -> HandoutPicture:
    out = io.BytesIO()
    Image.new("RGB", (512, 512), (200, 220, 10 * number)).save(out, "PNG")
    return HandoutPicture(out.getvalue(), (512, 512), f"A person lifts the leg, step {number}", f"Step {number}",
                          "Lift the left knee, slowly, and lower it again.")


def exercise(pictures: int, title: str = "Lift", said: Instructions = SAID) -> HandoutExercise:
    return HandoutExercise(title, said, tuple(map(picture, range(1, pictures + 1))))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    evil = HandoutExercise(EVIL * 20, Instructions(EVIL, {"load": EVIL}, (EVIL,), (EVIL,)), (
        HandoutPicture(picture(1).png, (512, 512), EVIL, EVIL, EVIL),))
    path = tmp_path / "handout.html"
    path.write_bytes(page(Handout(
        (exercise(3), exercise(3), exercise(1), exercise(2), exercise(7), exercise(4, said=Instructions()), evil),
        Strings(), "Harbour Physiotherapy, Quay 4", EVIL)))
    return path


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_it_is_accessible_fits_the_window_and_runs_nothing(file: Path, chromium: Any, width: int, height: int) -> None:
    with tab(chromium, width=width, height=height) as view:
        view.on("dialog", lambda dialog: pytest.fail(dialog.message))
        view.goto(file.as_uri())
        assert view.evaluate("document.documentElement.scrollWidth") <= width
        assert view.evaluate("[...document.images].every(image => image.naturalWidth === 512)")
        assert view.locator("script").count() == 0
    with tab(chromium, width=width, height=height) as view:
        html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", file.read_text(encoding="utf-8"))
        file.with_name("open.html").write_text(html, encoding="utf-8")  # axe is a script, which the page forbids
        view.goto(file.with_name("open.html").as_uri())
        assert violations(view) == []


def test_two_whole_exercises_stand_on_a_page_of_a4(tmp_path: Path, chromium: Any) -> None:
    path = tmp_path / "two.html"
    path.write_bytes(page(Handout((exercise(3), exercise(3)), Strings())))
    with tab(chromium, **A4_INSIDE) as view:
        view.goto(path.as_uri())
        assert view.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
        view.emulate_media(media="print")
        for words in ("Clinic", "Patient", "Date", "8-12", "5 s", "a chair, a towel", "Keep the right knee straight."):
            assert view.locator(f"text={words}").first.is_visible(), words
        boxes = view.evaluate("[...document.querySelectorAll('.n3 img')].map(image => image.getBoundingClientRect().width)")
        assert min(boxes) > 190  # pixels, of 96 an inch: five centimetres


def test_an_exercise_is_not_torn_apart_by_a_page(file: Path, chromium: Any) -> None:
    with tab(chromium, **A4_INSIDE) as view:
        view.goto(file.as_uri())
        view.emulate_media(media="print")
        style = "[...document.querySelectorAll('.exercise:not(.long), .pictures li')].map(part => getComputedStyle(part).breakInside)"
        assert set(view.evaluate(style)) == {"avoid"}


def test_a_tall_picture_is_not_cut_by_a_page_and_pages_are_numbered(tmp_path: Path, chromium: Any) -> None:
    out = io.BytesIO()
    Image.new("RGB", (64, 512), (200, 220, 10)).save(out, "PNG")
    tall = HandoutExercise("Tall", SAID, (HandoutPicture(out.getvalue(), (64, 512), "A person", "", "Stand."),))
    path = tmp_path / "tall.html"
    path.write_bytes(page(Handout((tall, tall), Strings())))
    with tab(chromium, **A4_INSIDE) as view:
        view.goto(path.as_uri())
        assert view.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 2
        view.emulate_media(media="print")
        heights = view.evaluate("[...document.querySelectorAll('.exercise')].map(part => part.getBoundingClientRect().height)")
        assert max(heights) < A4_INSIDE["height"]
    assert 'counter(page) " / " counter(pages)' in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("direction", "text"), [("rtl", "Sit tall (5 s)."), ("ltr", "\u05e9\u05d1\u05d5.")])
def test_a_text_of_the_other_direction_ends_in_its_full_stop(tmp_path: Path, chromium: Any, direction: str, text: str) -> None:
    path = tmp_path / "both.html"
    path.write_bytes(page(Handout((exercise(1, said=Instructions(text)),), Strings("he", direction=direction))))
    with tab(chromium, width=900) as view:
        view.goto(path.as_uri())
        places = view.evaluate("""() => {
            const text = document.querySelector(".about bdi").firstChild
            return [0, text.length - 1].map(at => {
                const range = document.createRange()
                range.setStart(text, at), range.setEnd(text, at + 1)
                return range.getBoundingClientRect().left})}""")
    assert (places[0] < places[1]) == (direction == "rtl")


def test_from_right_to_left_the_numbers_stand_on_the_right(tmp_path: Path, chromium: Any) -> None:
    path = tmp_path / "rtl.html"
    path.write_bytes(page(Handout((exercise(1),), Strings("he", direction="rtl"))))
    with tab(chromium, width=900) as view:
        view.goto(path.as_uri())
        left = "document.querySelector('{}').getBoundingClientRect().left"
        assert view.evaluate(left.format("img")) > view.evaluate(left.format(".words"))
        assert base64.b64encode(picture(1).png).decode() in view.content()
