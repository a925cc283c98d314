"""The contact sheets in a real browser, opened as files: what is seen, searched, looked into, printed."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from calotype.ground.images import pixels_of
from calotype.language.instructions import Instructions
from calotype.language.judging.ordering import Ordering
from calotype.language.judging.weakest import Weakest
from calotype.results.sheet import Picture, Replaced, ShownCandidate, ShownChange, SpecSheet
from calotype.results.sheet.model import ShownReview
from calotype.results.sheet.shown_trace import ShownTrace
from chromium import chromium, tab, violations
from conftest import REPOSITORY
from sheets import Site

__all__ = ["chromium"]
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>'\"&"
SPECS, SHOTS = 10_000, 1
SIZES = ((1280, 900, "light"), (1280, 900, "dark"), (390, 844, "light"), (390, 844, "dark"))


def digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one of everything that a page can show."""
    root = tmp_path_factory.mktemp("studio")
    folder = root / "content/images/exercises/neck"
    folder.mkdir(parents=True)
    for n, colour in enumerate(("#d0e0ff", "#ffe0d0", "#e0ffd0"), start=1):
        Image.new("RGB", (640, 480), colour).save(folder / f"nod_{n:02d}.png")
    blobs = {digest("render", n): root / f"blob_{n}" for n in range(4)}
    for n, blob in enumerate(blobs.values()):
        Image.new("RGB", (640, 480), (n, n, n)).save(blob, "PNG")
    dark = [pixels_of(blob) for blob in blobs.values()]
    change = Replaced(digest("render", 0), dark[0], (
        ShownChange("prompt", "a person bows the head slowly", "a person bows the head deeply", "specs/exercises/nod.yaml:9"),
        ShownChange("steps", 20, 30)))
    candidates = tuple(ShownCandidate(n, digest("render", n), dark[n], 41 + n, {"clip": 80.5 + n, "identity": 0.5},
                                      total=80.5 + n, kept_out="not ann" if n == 2 else "") for n in (1, 2, 3))
    ordering = Ordering({"clip": 1.0}, {"pick": f"`pick` lacks its weights {EVIL}"})

    def picture(n: int, **more: Any) -> Picture:
        file = folder / f"nod_{n:02d}.png"
        return Picture(f"exercises/nod/{n:02d}", file.relative_to(root).as_posix(), digest(n), pixels_of(file), (640, 480),
                       f"Step {n}", f"A person nods, step {n}", f"Caption of step {n}", "a prompt", "a negative",
                       42, "mannequin", **more)

    trace = ShownTrace("build/traces/café tea/scene_1", ("00_original_prompt.txt", "01_agent1_iteration_1.txt", "image_1.png"))
    nod = SpecSheet("exercises", "nod", "Nod", "specs/exercises/nod.yaml", (
        picture(1, replaced=change), picture(2, state="failed", reason="out of memory"),
        picture(3, candidates=tuple(candidates), starts_from=("exercises/nod/01",)),
        Picture("exercises/nod/low", state="awaiting", reason="none picked", candidates=candidates, alike=("candidates 1 and 3",),
                look_alikes=(f"all 3 candidates {EVIL}", EVIL), weakest=Weakest(EVIL, 6.3, 0.25, 12.5, 30.0, 2, helps=EVIL),
                review=ShownReview(78.2, f"after 2 rounds {EVIL}", (EVIL, EVIL), is_low=True), trace=trace)), "neck",
        ("posture", "café break"), ("characters/ann", "poses/low", "poses/deep"),
        Instructions("For a stiff neck.", {"sets": 3, "hold": 5}, ("Stop if dizzy.", "Not in the first week."), ("a chair",)),
        orderings=(ordering, Ordering({"technical": 1.0}, plain=True)))
    evil = SpecSheet("scenes", "evil", EVIL, EVIL, (
        Picture("scenes/evil/one", nod.pictures[0].path, digest(1), nod.pictures[0].pixels, (640, 480), EVIL, EVIL, EVIL, EVIL),), "",
        (EVIL,), instructions=Instructions(EVIL, {"load": EVIL}, (EVIL,), (EVIL, EVIL)))
    ann = SpecSheet("characters", "ann", "Ann", "specs/characters/ann.yaml", (
        Picture("characters/ann/anchors/front", nod.pictures[1].path, digest(2), nod.pictures[1].pixels, (640, 480),
                alt="Ann from the front", section="anchors", total=12.5, low="scores 12.5, below 30: `clip` pulled it down (6.3)"),))
    Site(root).write_all([nod, ann, evil], blobs.get, ["exercises/nod/01"])
    return root / "build"


@pytest.fixture(scope="module")
def ten_thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("large")
    shared = root / "content/images/exercises/one.png"
    shared.parent.mkdir(parents=True)
    Image.new("RGB", (64, 64), "#d0e0ff").save(shared)
    path = shared.relative_to(root).as_posix()

    def spec(n: int) -> SpecSheet:
        name = f"exercise_{n:05d}"
        pictures = tuple(
            Picture(f"exercises/{name}/{k:02d}", path, digest(n, k), digest(n, k), (64, 64), caption=f"Caption {n} {k}",
                    alt=f"A person standing, seen from the side, holding weight number {n}") for k in range(1, SHOTS + 1))
        return SpecSheet("exercises", name, f"Exercise {n}", f"specs/exercises/{name}.yaml", pictures, f"region_{n % 5}",
                         (f"tag{n % 50}",))

    Site(root).write_all(sorted((spec(n) for n in range(SPECS)), key=lambda sheet: sheet.group))
    return root / "build"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample project's own pages, from its committed pictures."""
    from calotype.__main__ import main

    root = tmp_path_factory.mktemp("sample") / "project"
    root.mkdir()
    for name in ("specs", "content", "refs", "templates"):
        shutil.copytree(REPOSITORY / name, root / name)
    shutil.copy(REPOSITORY / "calotype.yaml", root)
    assert main(["build", "-q", "--project", str(root)]) == 0
    return root / "build"


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    with tab(chromium) as opened:
        yield opened


def wait_until(page: Any, condition: str) -> None:
    """Waits for a condition in JavaScript. The page's own policy forbids the browser's driver to evaluate it there."""
    end = time.monotonic() + 30
    while not page.evaluate(condition):
        assert time.monotonic() < end, condition
        time.sleep(0.02)


def settled(page: Any) -> None:
    wait_until(page, "[...document.images].filter(i => i.getBoundingClientRect().top < innerHeight && i.checkVisibility())"
                     ".every(i => i.complete && i.naturalWidth)")


def search(page: Any, text: str) -> str:
    """Types into the search; returns what it says of the hits."""
    page.fill("#Search", text)
    wait_until(page, "document.querySelector('#Found [role=status]')?.textContent !== 'Reading …'")
    return str(page.inner_text("#Found [role=status]"))


@pytest.mark.parametrize(("width", "height", "scheme"), SIZES)
def test_every_page_is_accessible_and_fits_the_window(studio: Path, chromium: Any, width: int, height: int, scheme: str) -> None:
    with tab(chromium, width=width, height=height, scheme=scheme) as page:
        for name in ("index.html", "exercises-neck.html", "exercises/nod.html", "characters/ann.html", "scenes/evil.html",
                     "changed.html"):
            page.goto((studio / name).as_uri())
            for summary in page.query_selector_all("summary"):
                if summary.get_attribute("open") is None:
                    summary.click()
            settled(page)
            assert violations(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        page.goto((studio / "index.html").as_uri())
        search(page, "nod")
        assert violations(page) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_one_long_word_anywhere_widens_no_page(tmp_path: Path, chromium: Any, width: int) -> None:
    picture = tmp_path / "content/images/exercises/long.png"
    picture.parent.mkdir(parents=True)
    Image.new("RGB", (640, 480), "#d0e0ff").save(picture)
    word = "Donaudampfschifffahrtsgesellschaft" * 12
    candidates = (ShownCandidate(1, digest("p"), digest("p"), 42, {"technical": 80.5}),)
    shown = Picture("exercises/long/01", picture.relative_to(tmp_path).as_posix(), digest(1), pixels_of(picture), (640, 480), word, word, word,
                    word, word, 42, word, state="failed", reason=word, candidates=candidates)
    sheet = SpecSheet("exercises", "long", word, f"specs/{word[:200]}.yaml", (shown,), "r" * 64, (word,), (f"poses/{word}",))
    Site(tmp_path).write_all([sheet])
    for file in sorted((tmp_path / "build").rglob("*.html")):
        with tab(chromium, width=width) as page:
            page.goto(file.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, file


def test_what_the_check_of_accessibility_would_find(page: Any) -> None:
    page.set_content("<main><h1>Grey</h1><img src='data:,'><p style='color:#bbb;background:#fff'>too pale</p></main>")
    assert {one.partition(":")[0] for one in violations(page)} >= {"image-alt", "color-contrast", "html-has-lang"}


@pytest.mark.parametrize(("width", "height", "scheme"), SIZES[::3])
def test_the_samples_pages_are_accessible(sample: Path, chromium: Any, width: int, height: int, scheme: str) -> None:
    with tab(chromium, width=width, height=height, scheme=scheme) as page:
        for path in sorted(sample.rglob("*.html")):
            page.goto(path.as_uri())
            settled(page)
            assert violations(page) == [], path.name
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path.name


@pytest.mark.parametrize(("width", "columns"), [(1280, 5), (390, 2)])
def test_a_page_of_a_hundred_pictures_is_read_quickly(sample: Path, chromium: Any, width: int, columns: int) -> None:
    """Variations stand side by side, candidates are folded, and pictures that are out of sight are not loaded."""
    with tab(chromium, width=width) as page:
        page.goto((sample / "characters/mannequin.html").as_uri())
        settled(page)
        assert page.locator("figure").count() == 112 and page.locator("section.variation").count() == 30
        assert page.evaluate("[...document.images].filter(image => image.complete && image.naturalWidth).length") < 40
        assert page.locator(".candidates[open]").count() == 0 and page.locator(".candidates").count() == 8
        tops = [page.locator(f"#variations-push_up_0{number}").bounding_box()["y"] for number in range(1, 6)]
        assert len(set(tops[:columns])) == 1 and (columns == 5 or tops[columns] > tops[0])
        assert page.evaluate("document.documentElement.scrollHeight") < 22_000


def test_an_authors_words_are_never_run(studio: Path, page: Any) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script of the author's ran: {dialog.message}"))
    page.goto((studio / "scenes/evil.html").as_uri())
    assert EVIL in page.inner_text("h1")
    search(page, "onerror")
    assert EVIL in page.inner_text("#Found a.hit")
    page.goto((studio / "index.html").as_uri())
    page.click("section.tags a:has-text('onerror')")
    page.wait_for_selector("#Found a.hit")
    page.click("#Found a.hit")
    page.wait_for_selector("figure")
    page.click("a.print")
    assert EVIL in page.inner_text("dialog")


def test_search_finds_by_words_tags_states_and_uses(studio: Path, page: Any) -> None:
    page.goto((studio / "index.html").as_uri())
    assert search(page, "cafe") == "4 images of 1 spec"
    assert search(page, 'tag:"café break"') == "4 images of 1 spec"
    assert search(page, "state:failed") == "1 image of 1 spec"
    assert search(page, "kind:characters") == "1 image of 1 spec"
    assert search(page, "uses:ann") == "4 images of 1 spec"
    assert search(page, "region:neck step 2") == "1 image of 1 spec"
    assert search(page, "nothing like this") == "No image has all of these words."
    page.fill("#Search", "")
    assert page.is_visible("#Page") and not page.is_visible("#Found")


def test_search_by_keyboard_alone_leads_to_the_image(studio: Path, page: Any) -> None:
    page.goto((studio / "characters/ann.html").as_uri())
    page.keyboard.press("/")
    page.keyboard.type("step 3")
    page.wait_for_selector("#Found a.hit")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.classList.contains('hit')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/exercises/nod.html#03")
    page.keyboard.press("/")
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    assert page.is_visible("#Page") and page.evaluate("document.activeElement === document.body")


def test_a_search_has_an_address_that_can_be_kept(studio: Path, page: Any) -> None:
    page.goto((studio / "index.html").as_uri() + "#q=state:failed")
    page.wait_for_selector("#Found a.hit")
    assert page.input_value("#Search") == "state:failed"
    page.goto((studio / "exercises/nod.html").as_uri())
    page.click("a.tag:has-text('posture')")
    page.wait_for_selector("#Found a.hit")
    assert page.input_value("#Search") == "tag:posture"


def test_a_hit_on_the_page_one_is_on_is_shown_and_back_leads_back(studio: Path, page: Any) -> None:
    page.goto((studio / "exercises/nod.html").as_uri())
    search(page, "step 3")
    page.click("#Found a.hit")
    page.wait_for_selector("#Found", state="hidden")  # the address has changed before the page hears of it
    assert page.is_visible("#Page") and not page.is_visible("#Found") and page.input_value("#Search") == ""
    assert page.evaluate("document.querySelector(':target').id") == "03"
    page.goto((studio / "index.html").as_uri())
    page.click("section.tags a:has-text('posture')")
    page.wait_for_selector("#Found a.hit")
    page.go_back()
    page.wait_for_selector("section.tags a")
    assert not page.is_visible("#Found")


def test_a_closer_look_by_mouse_and_by_keyboard(studio: Path, page: Any) -> None:
    page.goto((studio / "exercises/nod.html").as_uri())
    page.click("[id='01'] > a.print")
    dialog = page.locator("dialog.zoom")
    assert dialog.is_visible() and "1 of" in dialog.inner_text() and "Caption of step 1" in dialog.inner_text()
    page.keyboard.press("ArrowRight")
    assert "Caption of step 2" in dialog.inner_text()
    assert page.locator("dialog img").get_attribute("src").endswith(f"nod_02.png?v={digest(2)[:12]}")
    fitted = page.locator("dialog img").bounding_box()["width"]
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert page.locator("dialog img").bounding_box()["width"] == pytest.approx(960, abs=1) and fitted <= 1280
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert page.evaluate("document.activeElement.closest('figure').id") == "02"
    page.keyboard.press("Enter")
    page.click("dialog [aria-label='Image before']")
    assert "Caption of step 1" in dialog.inner_text()


def test_before_and_after_slide_over_each_other(studio: Path, page: Any) -> None:
    page.goto((studio / "changed.html").as_uri())
    settled(page)
    slider = page.locator(".compare input")
    assert page.locator(".compare .side").nth(1).evaluate("e => getComputedStyle(e).clipPath") == "inset(0px 0px 0px 50%)"
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert page.locator(".compare .side").nth(1).evaluate("e => getComputedStyle(e).clipPath") == "inset(0px 0px 0px 60%)"
    one, other = (page.locator(".compare img").nth(n).bounding_box() for n in (0, 1))
    assert one == other
    assert page.inner_text(".fields dd >> nth=0") == "a person bows the head slowly deeply"
    assert page.inner_text(".fields del >> nth=0") == "slowly" and page.inner_text(".fields ins >> nth=0") == "deeply"


def test_dark_and_light_can_be_chosen_and_are_kept(studio: Path, page: Any) -> None:
    page.goto((studio / "index.html").as_uri())
    colour = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(colour)
    page.click(".theme")
    dark = page.evaluate(colour)
    assert light != dark
    page.goto((studio / "exercises/nod.html").as_uri())
    assert page.evaluate(colour) == dark


def test_a_page_printed_is_a_handout(studio: Path, page: Any) -> None:
    page.goto((studio / "exercises/nod.html").as_uri())
    page.emulate_media(media="print")
    assert page.is_visible("h1") and page.is_visible("text=Caption of step 1")
    for words in ("For a stiff neck.", "Hold", "5 s", "a chair", "Stop if dizzy.", "Not in the first week."):
        assert page.is_visible(f"text={words}"), words
    for hidden in (".top", ".facts", ".words", ".candidates", ".change", ".alt"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert len(page.pdf(format="A4")) > 10_000


def test_without_the_script_a_page_says_all_it_has_to_say(studio: Path, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((studio / "changed.html").as_uri())
    assert page.locator(".compare img").count() == 2
    page.goto((studio / "exercises/nod.html").as_uri())
    assert page.locator("figure > a.print img").count() == 3 and not page.is_visible("#Search")
    context.close()


def test_ten_thousand_specs_open_within_a_second_and_are_searched_within_50_ms(ten_thousand: Path, page: Any) -> None:
    for name in ("index.html", "exercises-region_0.html"):
        page.goto((ten_thousand / name).as_uri())
        wait_until(page, "performance.getEntriesByName('first-contentful-paint').length")
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        assert paint < 1000, name
    assert search(page, "weight") == f"{SPECS * SHOTS:,} images of {SPECS:,} specs"
    page.evaluate("performance.clearMeasures('search')")
    for text in ("exercise 77", "seen from the side", "tag:tag7 caption", "region_3 weight number 4", "e", "no such words"):
        search(page, text)
    took = page.evaluate("performance.getEntriesByName('search').map(one => one.duration)")
    assert len(took) == 6 and sorted(took)[3] < 50 and max(took) < 150, took
    assert page.locator("#Found a.hit").count() == 0
    search(page, "weight")
    assert page.locator("#Found a.hit").count() == 60
    page.click("text=Show more")
    assert page.locator("#Found a.hit").count() == 120
