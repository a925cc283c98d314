"""The page of `check --since` in a real browser: one file, before and after, at both widths, without scripts too."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from kit import nod_spec
from repository import begin

from chromium import chromium, tab, violations
from conftest import Space

__all__ = ["chromium"]
WORD = "Donaudampfschifffahrtsgesellschaft" * 12
SPEC = "specs/exercises/neck/nod.yaml"


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a range in which everything happened that can, moved to a folder of its own."""
    space = Space(tmp_path_factory.mktemp("review") / "project")
    space.root.mkdir()
    begin(space, (SPEC, nod_spec("nod", "title: Up", "title: Down, pose: {neck_flexion: 30}", "candidates: 2, select: first")),
          ("specs/exercises/neck/turn.yaml", nod_spec("turn", "seed: 4")),
          ("specs/exercises/neck/bend.yaml", nod_spec("bend", "seed: 5")),
          ("specs/exercises/neck/gone.yaml", nod_spec("gone", "seed: 6")))
    space.edit(SPEC, "neck_flexion: 30", "neck_flexion: 20")
    space.edit(SPEC, "title: Up", f"title: '<b> & {WORD}'")
    assert space.call("reject", "exercises/nod/03", "1", "--reason", f"<i>{WORD}").code == 0
    space.edit("specs/exercises/neck/turn.yaml", "id: turn", "id: turned")
    space.write("specs/exercises/neck/new.yaml", nod_spec("new", "seed: 7"))
    space.remove("specs/exercises/neck/gone.yaml")
    assert space.call("build", "-q").code == 0
    space.edit("specs/exercises/neck/bend.yaml", "seed: 5", "seed: 55")
    assert space.call("check", "--since", "start", "-q").code == 1
    return shutil.move(space.root / "build/since/index.html", tmp_path_factory.mktemp("alone") / "review.html")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_it_is_accessible_fits_the_window_and_needs_no_other_file(
    review: Path, chromium: Any, width: int, scheme: str
) -> None:
    with tab(chromium, width=width, scheme=scheme) as page:
        page.goto(review.as_uri())
        assert page.locator("h2").all_inner_texts() == [
            "Not up to date 1 picture", "Changed 2 pictures", "Added 1 picture", "Removed 1 picture",
            "Moved, with the same pixels 1 picture", "Other words, with the same pixels 1 picture"]
        images = page.locator("img")
        for at in range(images.count()):
            images.nth(at).scroll_into_view_if_needed()
            assert images.nth(at).evaluate("image => image.decode().then(() => image.naturalWidth)") == 64
        assert images.count() == 2 * 2 + 3
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []


def test_before_and_after_lie_over_one_another_with_a_slider(review: Path, chromium: Any) -> None:
    with tab(chromium) as page:
        page.goto(review.as_uri())
        compare = page.locator(".compare").first
        before, now = (compare.locator("img").nth(at).bounding_box() for at in (0, 1))
        assert before == now
        slider = compare.get_by_role("slider")
        slider.fill("20")
        assert compare.evaluate("element => element.style.getPropertyValue('--at')") == "20%"


def test_without_scripts_they_stand_side_by_side(review: Path, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(review.as_uri())
    boxes = [page.locator(".compare").first.locator("img").nth(at).bounding_box() for at in (0, 1)]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] and boxes[0]["y"] == boxes[1]["y"]
    assert page.get_by_text("neck_flexion").first.is_visible()
    assert page.locator("header button").is_hidden()
    context.close()
