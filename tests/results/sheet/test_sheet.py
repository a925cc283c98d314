"""Contact sheets: what is written, what is left alone, and what an author's words can do to a page."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from calotype.ground.diagnostics import Problem
from calotype.results.sheet import (
    Picture,
    SpecSheet,
    break_seal,
    sheets_are_current,
    write_all_sheets,
    write_sheets,
)


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


def page(root: Path, name: str) -> str:
    return (root / "build" / name).read_text(encoding="utf-8")


def everything(root: Path) -> dict[str, bytes]:
    """All files but the seal, which holds times."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != "seal"
    }


class Links(HTMLParser):
    """The addresses and the tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        self.links += [str(found[name]) for name in ("href", "src") if name in found]
        if tag == "img":
            self.images.append(found)


def test_a_spec_has_a_page_with_its_images_in_sequence(tmp_path: Path) -> None:
    write_all_sheets(tmp_path, by_key(exercise("chin_tuck")).values())
    images = Links(page(tmp_path, "exercises/chin_tuck.html")).images
    assert [str(one["src"]).partition("?")[0] for one in images] == [
        f"../../content/images/exercises/neck/chin_tuck_0{n}.png" for n in (1, 2, 3)
    ]


def test_an_image_has_its_size_its_alt_text_and_an_address_that_changes_with_its_bytes(
    tmp_path: Path,
) -> None:
    sheet = exercise("chin_tuck")
    write_all_sheets(tmp_path, by_key(sheet).values())
    image = Links(page(tmp_path, "exercises/chin_tuck.html")).images[0]
    assert (image["width"], image["height"]) == ("1024", "768")
    assert image["alt"] == "seated, from the side"
    assert image["loading"] == "lazy"
    assert str(image["src"]).endswith(f"?v={sheet.pictures[0].sha256[:12]}")


def test_every_link_of_every_page_leads_to_something(tmp_path: Path) -> None:
    scene = SpecSheet(
        "scenes",
        "coffee",
        "Coffee",
        "specs/scenes/coffee.yaml",
        (picture("scenes/coffee/reach", "content/images/scenes/coffee/reach.png"),),
    )
    sheets = by_key(exercise("chin_tuck"), exercise("cat_cow", "lower_back"), scene)
    for sheet in sheets.values():
        for one in sheet.pictures:
            (tmp_path / str(one.path)).parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (64, 64), "white").save(tmp_path / str(one.path))
    write_all_sheets(tmp_path, sheets.values())
    for path in (tmp_path / "build").rglob("*.html"):
        for link in Links(path.read_text(encoding="utf-8")).links:
            if not link.startswith(("#", "data:")):
                assert (path.parent / link.partition("?")[0].partition("#")[0]).is_file(), f"{path}: {link}"


def test_the_index_shows_every_kind_and_region_and_what_needs_a_look(tmp_path: Path) -> None:
    failed = exercise("pendulum", "shoulder", state="failed", reason="out of memory")
    write_all_sheets(tmp_path, by_key(exercise("chin_tuck"), failed).values())
    index = page(tmp_path, "index.html")
    assert "Neck" in index and "Shoulder" in index
    assert "3 failed" in index and "#q=state:failed" in index
    assert "out of memory" in page(tmp_path, "exercises/pendulum.html")


def test_a_target_without_an_image_is_shown_as_such(tmp_path: Path) -> None:
    lone = SpecSheet(
        "scenes",
        "coffee",
        "Coffee",
        "specs/scenes/coffee.yaml",
        (Picture("scenes/coffee/sip", title="Sip", state="failed", reason="black image"),),
    )
    write_all_sheets(tmp_path, by_key(lone).values())
    text = page(tmp_path, "scenes/coffee.html")
    assert "no image yet" in text and "black image" in text and Links(text).images == []


def test_nothing_is_written_twice(tmp_path: Path) -> None:
    sheets = by_key(exercise("chin_tuck"), exercise("cat_cow", "lower_back"))
    write_all_sheets(tmp_path, sheets.values())
    assert write_all_sheets(tmp_path, sheets.values()) == []
    assert write_sheets(tmp_path, sheets) == []


def test_a_changed_prompt_touches_the_page_of_its_spec_alone(tmp_path: Path) -> None:
    write_all_sheets(tmp_path, by_key(exercise("chin_tuck"), exercise("cat_cow")).values())
    changed = exercise("chin_tuck", prompt="another prompt")
    assert write_sheets(tmp_path, by_key(changed)) == ["build/exercises/chin_tuck.html"]


def test_a_change_beyond_the_first_cards_leaves_the_index_alone(tmp_path: Path) -> None:
    sheets = by_key(*(exercise(f"exercise_{n:02d}") for n in range(30)))
    write_all_sheets(tmp_path, sheets.values())
    late = exercise("exercise_29", version="2")
    assert write_sheets(tmp_path, by_key(late)) == [
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
    write_all_sheets(tmp_path / "step", before.values())
    write_sheets(tmp_path / "step", {key: after.get(key) for key in before.keys() | after.keys()})
    write_all_sheets(tmp_path / "clean", sorted(after.values(), key=lambda sheet: sheet.group))
    assert everything(tmp_path / "step") == everything(tmp_path / "clean")


def test_a_full_writing_removes_the_pages_of_what_is_gone_and_no_other_file(tmp_path: Path) -> None:
    write_all_sheets(tmp_path, by_key(exercise("chin_tuck"), exercise("cat_cow", "lower_back")).values())
    mine = tmp_path / "build" / "notes.html"
    mine.write_text("mine")
    touched = write_all_sheets(tmp_path, by_key(exercise("chin_tuck")).values())
    assert {"build/exercises/cat_cow.html", "build/exercises-lower_back.html"} <= set(touched)
    assert not (tmp_path / "build/exercises/cat_cow.html").exists()
    assert mine.exists()


def test_an_authors_words_are_text_and_never_markup(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> {{ 7777 * 7777 }} -->"
    words = dict.fromkeys(("title", "alt", "caption", "prompt", "renderer", "reason"), evil)
    sheet = exercise("chin_tuck", count=1, state="failed", **words)
    write_all_sheets(
        tmp_path,
        by_key(SpecSheet("exercises", "chin_tuck", evil, evil, sheet.pictures, "neck", (evil,))).values(),
    )
    for name in ("index.html", "exercises-neck.html", "exercises/chin_tuck.html"):
        found = Links(page(tmp_path, name))
        assert found.tags.count("script") == 1 and "sheet.js" in "".join(found.links)
        assert all("onerror" not in image for image in found.images)
        assert "60481729" not in page(tmp_path, name)


def test_words_on_many_lines_stay_on_their_card(tmp_path: Path) -> None:
    sheets = by_key(exercise("bow", alt="one\ntwo\tthree\r\nfour"), exercise("chin_tuck"))
    write_all_sheets(tmp_path, sheets.values())
    late = exercise("chin_tuck", version="2")
    write_sheets(tmp_path, by_key(late))
    assert page(tmp_path, "exercises-neck.html").count("<article") == 2


def in_another_process(root: Path, call: str) -> str:
    script = f"from pathlib import Path; from calotype.results.sheet import *; print({call})"
    done = subprocess.run(
        [sys.executable, "-c", script.replace("ROOT", f"Path({str(root)!r})")],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_pages_are_current_once_they_are_written(tmp_path: Path) -> None:
    assert not sheets_are_current(tmp_path)
    write_all_sheets(tmp_path, by_key(exercise("chin_tuck")).values())
    assert sheets_are_current(tmp_path)


def test_a_process_killed_between_publishing_and_its_pages_leaves_them_stale(tmp_path: Path) -> None:
    write_all_sheets(tmp_path, by_key(exercise("chin_tuck")).values())
    in_another_process(tmp_path, "break_seal(ROOT)")
    assert not sheets_are_current(tmp_path)
    write_sheets(tmp_path, by_key(exercise("cat_cow")))
    assert not sheets_are_current(tmp_path)
    write_all_sheets(tmp_path, by_key(exercise("chin_tuck"), exercise("cat_cow")).values())
    assert sheets_are_current(tmp_path)
    assert not list((tmp_path / "build/.sheets").glob("broken-*"))


def test_a_process_that_broke_the_seal_itself_seals_it_again(tmp_path: Path) -> None:
    write_all_sheets(tmp_path, by_key(exercise("chin_tuck")).values())
    break_seal(tmp_path)
    assert sheets_are_current(tmp_path)
    assert in_another_process(tmp_path, "sheets_are_current(ROOT)") == "False"
    write_sheets(tmp_path, by_key(exercise("cat_cow")))
    assert in_another_process(tmp_path, "sheets_are_current(ROOT)") == "True"


def test_pages_are_stale_when_the_index_is_gone_or_a_template_changes(tmp_path: Path) -> None:
    sheets = by_key(exercise("chin_tuck"))
    write_all_sheets(tmp_path, sheets.values())
    override = tmp_path / "templates/sheets/card.html.j2"
    override.parent.mkdir(parents=True)
    override.write_text("<article>mine: {{ sheet.title }}</article>")
    assert not sheets_are_current(tmp_path)
    write_all_sheets(tmp_path, sheets.values())
    assert "mine: Chin_tuck" in page(tmp_path, "index.html")
    (tmp_path / "build/index.html").unlink()
    assert not sheets_are_current(tmp_path)


@pytest.mark.parametrize("text", ["{{ sheet.", "{{ nothing_of_this_name }}", "{{ ''.__class__.__mro__ }}"])
def test_a_template_that_cannot_be_rendered_is_a_diagnostic_and_leaves_no_seal(
    tmp_path: Path, text: str
) -> None:
    override = tmp_path / "templates/sheets/spec.html.j2"
    override.parent.mkdir(parents=True)
    override.write_text(text)
    with pytest.raises(Problem) as caught:
        write_all_sheets(tmp_path, by_key(exercise("chin_tuck")).values())
    assert caught.value.exit_code == 1
    assert caught.value.diagnostics[0].code == "sheet-template"
    assert not sheets_are_current(tmp_path)


def test_a_damaged_shelf_costs_no_more_than_its_cards(tmp_path: Path) -> None:
    sheets = by_key(exercise("chin_tuck"), exercise("cat_cow"))
    write_all_sheets(tmp_path, sheets.values())
    (tmp_path / "build/.sheets/exercises-neck.tsv").write_text("not a shelf")
    late = exercise("chin_tuck", version="2")
    assert "build/exercises-neck.html" in write_sheets(tmp_path, by_key(late))
