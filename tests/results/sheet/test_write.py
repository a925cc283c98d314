"""Contact sheets: what is written, what is left alone, and what an author's words can do to a page."""

from __future__ import annotations

import hashlib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from calotype.ground.diagnostics import Problem
from calotype.ground.images import digest_of
from calotype.ground.light_dataclass import replace
from calotype.results.sheet import Picture, SpecSheet
from sheets import Site


def picture(target: str, path: str, version: str = "1", **changes: object) -> Picture:
    digest = hashlib.sha256((target + version).encode()).hexdigest()
    facts: dict[str, object] = {
        "alt": "seated, from the side",
        "prompt": "a prompt",
        "seed": 42,
        "renderer": "mannequin",
    }
    return Picture(target, path, digest, digest, (1024, 768), **{**facts, **changes})  # type: ignore[arg-type]


def exercise(
    name: str, region: str = "neck", count: int = 3, version: str = "1", **changes: object
) -> SpecSheet:
    pictures = tuple(
        picture(
            f"exercises/{name}/{n:02d}",
            f"content/images/exercises/{region}/{name}_{n:02d}.png",
            version,
            **changes,
        )
        for n in range(1, count + 1)
    )
    return SpecSheet("exercises", name, name.capitalize(), f"specs/exercises/{name}.yaml", pictures, region)


def by_key(*sheets: SpecSheet) -> dict[str, SpecSheet]:
    return {sheet.key: sheet for sheet in sheets}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


class Links(HTMLParser):
    """The addresses and the tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.links += [str(values[name]) for name in ("href", "src") if name in values]
        if tag == "img":
            self.images.append(values)


def test_a_spec_has_a_page_with_its_images_in_sequence(site: Site) -> None:
    site.write_all(by_key(exercise("chin_tuck")).values())
    images = Links(site.page("exercises/chin_tuck.html")).images
    assert [str(image["src"]).partition("?")[0] for image in images] == [
        f"../../content/images/exercises/neck/chin_tuck_0{n}.png" for n in (1, 2, 3)
    ]


def test_an_image_has_its_size_its_alt_text_and_an_address_that_changes_with_its_bytes(
    site: Site,
) -> None:
    sheet = exercise("chin_tuck")
    site.write_all(by_key(sheet).values())
    image = Links(site.page("exercises/chin_tuck.html")).images[0]
    assert (image["width"], image["height"]) == ("1024", "768")
    assert image["alt"] == "seated, from the side"
    assert image["loading"] == "lazy"
    assert str(image["src"]).endswith(f"?v={sheet.pictures[0].sha256[:12]}")


def test_every_link_of_every_page_leads_to_something(site: Site) -> None:
    scene = SpecSheet(
        "scenes",
        "coffee",
        "Coffee",
        "specs/scenes/coffee.yaml",
        (picture("scenes/coffee/reach", "content/images/scenes/coffee/reach.png"),),
    )
    sheets = [exercise("cat_cow", "lower_back"), exercise("chin_tuck"), scene]
    white = Image.new("RGB", (64, 64), "white")
    for sheet in sheets:
        for shot in sheet.pictures:
            (site.root / str(shot.path)).parent.mkdir(parents=True, exist_ok=True)
            white.save(site.root / str(shot.path))
    site.write_all(replace(sheet, pictures=tuple(replace(shot, pixels=digest_of(white)) for shot in sheet.pictures))
                   for sheet in sheets)
    for path in (site.root / "build").rglob("*.html"):
        for link in Links(path.read_text(encoding="utf-8")).links:
            if not link.startswith(("#", "data:")):
                assert (path.parent / link.partition("?")[0].partition("#")[0]).is_file(), f"{path}: {link}"


def test_the_index_shows_every_kind_and_region_and_what_needs_a_look(site: Site) -> None:
    failed = exercise("pendulum", "shoulder", state="failed", reason="out of memory")
    site.write_all(by_key(exercise("chin_tuck"), failed).values())
    index = site.page("index.html")
    assert "Neck" in index and "Shoulder" in index
    assert "3 failed" in index and "#q=state:failed" in index
    assert "out of memory" in site.page("exercises/pendulum.html")


def test_a_target_without_an_image_is_shown_as_such(site: Site) -> None:
    lone = SpecSheet(
        "scenes",
        "coffee",
        "Coffee",
        "specs/scenes/coffee.yaml",
        (Picture("scenes/coffee/sip", title="Sip", state="failed", reason="black image"),),
    )
    site.write_all(by_key(lone).values())
    text = site.page("scenes/coffee.html")
    assert "no image yet" in text and "black image" in text and Links(text).images == []


def test_nothing_is_written_twice(site: Site) -> None:
    sheets = by_key(exercise("chin_tuck"), exercise("cat_cow", "lower_back"))
    site.write_all(sheets.values())
    assert site.write_all(sheets.values()) == []
    assert site.write(sheets) == []


def test_a_changed_prompt_touches_the_page_of_its_spec_alone(site: Site) -> None:
    site.write_all(by_key(exercise("chin_tuck"), exercise("cat_cow")).values())
    changed = exercise("chin_tuck", prompt="another prompt")
    assert site.write(by_key(changed)) == ["build/exercises/chin_tuck.html"]


def test_a_change_beyond_the_first_cards_leaves_the_index_alone(site: Site) -> None:
    sheets = by_key(*(exercise(f"exercise_{n:02d}") for n in range(30)))
    site.write_all(sheets.values())
    late = exercise("exercise_29", version="2")
    assert site.write(by_key(late)) == [
        "build/exercises/exercise_29.html",
        "build/data/exercises-neck.js",
        "build/exercises-neck.html",
        "build/data/shards.js",
    ]


@pytest.mark.parametrize(
    "after",
    [
        by_key(exercise("chin_tuck", version="2"), exercise("cat_cow", "lower_back")),
        by_key(exercise("chin_tuck", "shoulder"), exercise("cat_cow", "lower_back")),
        by_key(exercise("cat_cow", "lower_back")),
        by_key(exercise("chin_tuck"), exercise("cat_cow", "lower_back"), exercise("bow", "neck", 7)),
        {},
    ],
    ids=["new pixels", "another region", "one removed", "one added", "all removed"],
)
def test_writing_what_changed_ends_in_the_same_bytes_as_writing_all(
    tmp_path: Path, after: dict[str, SpecSheet]
) -> None:
    before = by_key(exercise("chin_tuck"), exercise("cat_cow", "lower_back"))
    stepwise, clean = Site(tmp_path / "stepwise"), Site(tmp_path / "clean")
    stepwise.write_all(before.values())
    stepwise.write({key: after.get(key) for key in before.keys() | after.keys()})
    clean.write_all(sorted(after.values(), key=lambda sheet: sheet.group))
    assert stepwise.everything() == clean.everything()


def test_a_full_writing_removes_the_pages_of_what_is_gone_and_no_other_file(site: Site) -> None:
    site.write_all(by_key(exercise("chin_tuck"), exercise("cat_cow", "lower_back")).values())
    mine = site.root / "build" / "notes.html"
    mine.write_text("mine")
    touched = site.write_all(by_key(exercise("chin_tuck")).values())
    assert {"build/exercises/cat_cow.html", "build/exercises-lower_back.html"} <= set(touched)
    assert not (site.root / "build/exercises/cat_cow.html").exists()
    assert mine.exists()


def test_an_authors_words_are_text_and_never_markup(site: Site) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{ 7777 * 7777 }} -->"
    words = dict.fromkeys(("title", "alt", "caption", "prompt", "renderer", "reason"), evil)
    sheet = exercise("chin_tuck", count=1, state="failed", **words)
    site.write_all(
        by_key(SpecSheet("exercises", "chin_tuck", evil, evil, sheet.pictures, "neck", (evil,))).values(),
    )
    for name in ("index.html", "exercises-neck.html", "exercises/chin_tuck.html"):
        links = Links(site.page(name))
        assert links.tags.count("script") == 1 and "sheet.js" in "".join(links.links)
        assert all("onerror" not in image for image in links.images)
        assert "60481729" not in site.page(name)


def test_words_on_many_lines_stay_on_their_card(site: Site) -> None:
    sheets = by_key(exercise("bow", alt="one\ntwo\tthree\r\nfour"), exercise("chin_tuck"))
    site.write_all(sheets.values())
    late = exercise("chin_tuck", version="2")
    site.write(by_key(late))
    assert site.page("exercises-neck.html").count("<article") == 2


@pytest.mark.parametrize("text", ["{{ sheet.", "{{ nothing_of_this_name }}", "{{ ''.__class__.__mro__ }}"])
def test_a_template_that_cannot_be_rendered_is_a_diagnostic_and_leaves_the_pages_stale(site: Site, text: str) -> None:
    override = site.root / "templates/sheets/spec.html.j2"
    override.parent.mkdir(parents=True)
    override.write_text(text)
    with pytest.raises(Problem) as caught:
        site.write_all(by_key(exercise("chin_tuck")).values())
    assert caught.value.exit_code == 1
    assert caught.value.diagnostics[0].code == "sheet-template"
    assert not site.is_current()
