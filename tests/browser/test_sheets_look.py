"""How the contact sheets look in a real browser, at a phone's width and at a wide screen's: rows, margins, the head, what a
search says that finds nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from test_sheets import digest, search, settled, wait_until

from calotype.ground.images import pixels_of
from calotype.results.sheet import Picture, Replaced, ShownChange, SpecSheet
from chromium import chromium, tab, violations
from sheets import Site

__all__ = ["chromium"]
LONG = "Two hundred positions of the head while standing, sitting and lying, for the whole of the cervical spine and all that hangs on it"
MANY = 200


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Specs of one to five pictures in all shapes, one of many, and two pictures that were replaced, one by another size."""
    root = tmp_path_factory.mktemp("look")
    shapes = ((640, 480), (480, 640), (640, 640), (800, 200))
    files = []
    for number, shape in enumerate(shapes):
        file = root / f"content/images/exercises/neck/{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", shape, "#d0e0ff").save(file)
        files.append(file)
    blob = root / "before"
    Image.new("RGB", (480, 480), "#ffe0d0").save(blob, "PNG")

    def picture(spec: str, number: int, **more: Any) -> Picture:
        file, shape = files[number % 4], shapes[number % 4]
        return Picture(f"exercises/{spec}/{number + 1:02d}", file.relative_to(root).as_posix(), digest(spec, number), pixels_of(file), shape,
                       f"Step {number + 1}", "A person nods", f"Caption {number + 1}", **more)

    def sheet(name: str, title: str, count: int, region: str = "neck", **more: Any) -> SpecSheet:
        return SpecSheet("exercises", name, title, f"specs/exercises/{name}.yaml", tuple(picture(name, each, **more) for each in range(count)), region)

    before = digest("before")
    angle = tuple(ShownChange(f"posture.{side}.knee_flexion", None, 40.0, "specs/exercises/bent.yaml:9") for side in ("left", "right"))
    replaced = [Replaced(before, pixels_of(blob), (*angle, *size)) for size in ((), (ShownChange("size", [480, 480], [480, 640]),))]
    bent = SpecSheet("exercises", "bent", "Bent", "specs/exercises/bent.yaml", tuple(
        picture("bent", number, replaced=each) for number, each in enumerate(replaced)), "knee")
    sheets = [bent, *(sheet(f"n{count}", f"Nod {count}", count) for count in range(1, 6)), sheet("long", LONG, 2),
              sheet("many", "Many", MANY, "hip"), sheet("failed", "Failed", 1, "hip", state="failed", reason="out of memory")]
    Site(root).write_all(sheets, lambda action: blob if action == before else None, ["exercises/bent/01", "exercises/bent/02"])
    return root / "build"


@pytest.mark.parametrize("width", [390, 1280, 2560])
def test_cards_of_a_row_are_of_one_height(pages: Path, chromium: Any, width: int) -> None:
    with tab(chromium, width=width) as page:
        page.goto((pages / "exercises-neck.html").as_uri())
        settled(page)
        strips = page.evaluate("[...document.querySelectorAll('.strip')].map(strip => strip.getBoundingClientRect()).map(box => Math.round(box.width / box.height * 10))")
        assert len(strips) == 6 and set(strips) == {25}
        assert page.evaluate("[...document.querySelectorAll('.card b')].every(title => title.clientHeight < 3 * parseFloat(getComputedStyle(title).lineHeight))")
        assert page.evaluate("[...document.querySelectorAll('.strip img')].every(image => image.getBoundingClientRect().bottom <= image.closest('.strip').getBoundingClientRect().bottom + 1)")


@pytest.mark.parametrize("name", ["index.html", "exercises/long.html", "changed.html"])
def test_the_head_and_what_stands_below_begin_at_one_edge(pages: Path, chromium: Any, name: str) -> None:
    for width, widest in ((1280, 1280), (2560, 2400), (3840, 2400)):
        with tab(chromium, width=width) as page:
            page.goto((pages / name).as_uri())
            mark, title = (page.locator(selector).first.bounding_box()["x"] for selector in (".mark", "h1"))
            assert abs(mark - title) <= 1, (width, mark, title)
            inner = page.evaluate("(() => { const look = getComputedStyle(document.querySelector('main')); return innerWidth - parseFloat(look.paddingLeft) * 2; })()")
            assert inner <= widest and (width > 2560 or inner >= 0.9 * width)


def test_the_head_of_a_page_takes_two_rows_of_a_phone(pages: Path, chromium: Any) -> None:
    for width in (390, 320):
        with tab(chromium, width=width) as page:
            page.goto((pages / "exercises/long.html").as_uri())
            assert page.locator(".top").bounding_box()["height"] < 100
            search_box, changed = page.locator("#Search").bounding_box(), page.get_by_role("link", name="What changed").bounding_box()
            assert abs(search_box["y"] + search_box["height"] / 2 - changed["y"] - changed["height"] / 2) < 8 and search_box["width"] > 100
            assert page.get_by_role("navigation", name="Breadcrumb").get_by_role("link").all_inner_texts() == ["calotype", "Exercises", "Neck"]
            assert violations(page) == [] and page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_page_of_two_hundred_pictures_is_laid_out_as_far_as_it_is_seen(pages: Path, chromium: Any) -> None:
    for width, columns in ((1280, 5), (390, 2)):
        with tab(chromium, width=width) as page:
            page.goto((pages / "exercises/many.html").as_uri())
            settled(page)
            figures = page.locator("figure")
            assert figures.count() == MANY
            assert len({figures.nth(number).bounding_box()["y"] for number in range(columns)}) == 1
            seen = page.evaluate("[...document.querySelectorAll('figure figcaption')].filter(each => each.checkVisibility({ contentVisibilityAuto: true })).length")
            assert seen < MANY / 3
            page.goto((pages / "exercises/many.html").as_uri() + "#150")
            wait_until(page, "(() => { const { top } = document.getElementById('150').getBoundingClientRect(); return top >= 0 && top < innerHeight; })()")


def test_what_changed_alike_on_both_sides_is_told_once_and_other_sizes_lie_side_by_side(pages: Path, chromium: Any) -> None:
    with tab(chromium) as page:
        page.goto((pages / "changed.html").as_uri())
        settled(page)
        assert page.locator(".changed").first.locator("dt").all_inner_texts() == ["posture.knee_flexion, left and right specs/exercises/bent.yaml:9"]
        assert page.locator(".changed").nth(0).locator("input[type=range]").count() == 1
        resized = page.locator(".changed").nth(1)
        assert resized.locator("input[type=range]").count() == 0
        one, other = (resized.locator("img").nth(number).bounding_box() for number in (0, 1))
        assert one["x"] + one["width"] <= other["x"] and abs(one["width"] - one["height"]) <= 1 and other["height"] > other["width"]


def test_a_picture_of_before_that_is_lost_leaves_no_slider(pages: Path, chromium: Any) -> None:
    context = chromium.new_context()
    page = context.new_page()
    text = (pages / "changed.html").read_text()
    address = page.evaluate("text => new DOMParser().parseFromString(text, 'text/html').querySelector('.compare img').getAttribute('src')", text)
    page.route(f"**/{address}*", lambda route: route.abort())
    page.goto((pages / "changed.html").as_uri())
    page.locator(".changed").first.locator(".compare:not(.slider)").wait_for()
    assert page.locator(".changed").first.locator("input[type=range]").count() == 0
    context.close()


def test_a_search_that_finds_nothing_says_what_there_is(pages: Path, chromium: Any) -> None:
    with tab(chromium) as page:
        page.goto((pages / "index.html").as_uri())
        assert search(page, "many captoin") == "No image has all of these words."
        rows = page.locator(".advice li")
        rows.nth(1).wait_for()
        assert rows.all_inner_texts() == ["many 200 images without the rest", "captoin in no image; there is caption"]
        assert violations(page) == []
        page.get_by_role("link", name="caption", exact=True).click()
        page.locator(".hit").first.wait_for()
        assert page.input_value("#Search") == "many caption" and page.locator(".advice li").count() == 0
        search(page, "state:faild")
        page.locator(".advice li", has_text="there is state:failed").wait_for()
        search(page, "region:foot")
        page.locator(".advice li", has_text="region:hip").wait_for()
        assert page.locator(".advice li a").all_inner_texts() == ["region:hip", "region:knee", "region:neck"]
        page.get_by_role("link", name="region:knee").click()
        page.locator(".hit").nth(1).wait_for()


def test_a_changed_page_on_paper_shows_both_pictures(pages: Path, chromium: Any) -> None:
    with tab(chromium) as page:
        page.goto((pages / "changed.html").as_uri())
        settled(page)
        page.emulate_media(media="print")
        one, other = (page.locator(".changed").first.locator("img").nth(number).bounding_box() for number in (0, 1))
        assert one["x"] + one["width"] <= other["x"] and not page.locator(".changed input").first.is_visible()
