"""A preview in a real browser says that it is one wherever it is seen: on its page, a card, a hit, a closer look, paper."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from calotype.results.sheet import Picture, Preview, SpecSheet
from chromium import chromium, tab, violations
from sheets import Site

__all__ = ["chromium"]
SIZES = ((1280, 900, "light"), (1280, 900, "dark"), (390, 844, "light"), (390, 844, "dark"))
WORDS = "preview: mannequin"


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of an exercise of which one image is drawn beforehand, and one cannot be."""
    root = tmp_path_factory.mktemp("previews")
    path = "build/preview/watch-mannequin/images/nod_01.png"
    (root / path).parent.mkdir(parents=True)
    Image.new("RGB", (640, 480), "#d0e0ff").save(root / path)
    preview = Preview("mannequin", path, "0" * 64, (640, 480), "Nod", "A person nods", "Nod slowly")
    Site(root).write_all([SpecSheet("exercises", "nod", "Nod", "specs/exercises/nod.yaml", (
        Picture("exercises/nod/01", state="preview", reason="seed: 42 -> 43 (specs/exercises/nod.yaml:9)", size=preview.size,
                alt=preview.alt, caption=preview.caption, preview=preview),
        Picture("exercises/nod/02", state="pending", reason="new")), "neck")])
    return root / "build"


@pytest.mark.parametrize(("width", "height", "scheme"), SIZES)
def test_its_pages_are_accessible(build: Path, chromium: Any, width: int, height: int, scheme: str) -> None:
    with tab(chromium, width=width, height=height, scheme=scheme) as page:
        for name in ("exercises/nod.html", "exercises-neck.html", "index.html"):
            page.goto((build / name).as_uri())
            assert WORDS in page.locator(".badge.preview", has_text=":").first.inner_text(), name
            assert page.locator(".badge.pending").last.inner_text() == "pending"
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth") and violations(page) == [], name


def test_a_hit_a_closer_look_and_paper_say_so(build: Path, chromium: Any) -> None:
    with tab(chromium) as page:
        page.goto((build / "index.html").as_uri())
        page.fill("#Search", "state:preview")
        end = time.monotonic() + 30
        while not page.locator(".hit .badge").count() and time.monotonic() < end:
            time.sleep(0.02)
        assert page.locator(".hit .badge").all_inner_texts() == ["preview"]
        page.goto((build / "exercises/nod.html").as_uri())
        page.click("[id='01'] > a.print")
        assert WORDS in page.inner_text("dialog.zoom [role=status]")
        page.keyboard.press("Escape")
        page.emulate_media(media="print")
        assert page.is_visible("[id='01'] .badge.preview") and not page.is_visible("[id='02'] .badge")
