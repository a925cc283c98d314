"""When pages count as current: what the last build left is there, and nothing happened since that they do not show."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from calotype.results.sheet import Picture, SpecSheet, pages_are_current
from calotype.results.sheet.currency import WATCHED
from sheets import Site

DIGEST = "0" * 64


def spec(name: str, region: str = "neck") -> SpecSheet:
    path = f"content/images/exercises/{region}/{name}_01.png"
    picture = Picture(f"exercises/{name}/01", path, DIGEST, DIGEST, (64, 64))
    return SpecSheet("exercises", name, name, f"specs/exercises/{name}.yaml", (picture,), region)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    written = Site(tmp_path)
    written.write_all([spec("bow"), spec("nod")])
    return written


def test_pages_are_current_once_they_are_written(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert not site.is_current()
    site.write_all([spec("bow")])
    assert site.is_current() and Site(tmp_path).is_current()
    site.write({"exercises/bow": spec("bow", "spine")})
    assert site.is_current()


def test_without_a_record_of_the_last_build_no_page_is_believed(site: Site) -> None:
    assert not pages_are_current(site.root, site.memory, None)


@pytest.mark.parametrize("changed", [*WATCHED[1:], "content/manifest/exercises/neck.jsonl"])
def test_pages_are_stale_where_their_folders_or_the_manifest_changed_since_the_last_build(
    site: Site, changed: str
) -> None:
    assert not site.is_current([changed])


def test_pages_are_current_whatever_else_changed(site: Site) -> None:
    assert site.is_current(["specs/exercises/bow.yaml", "content/images/exercises/neck/bow_01.png", "calotype.yaml"])


@pytest.mark.parametrize("gone", ["changed.html", "exercises-neck.html", "sheet.css", "data", "thumbs"])
def test_what_comes_and_goes_beside_the_pages_leaves_them_current_as_long_as_all_are_there(
    site: Site, gone: str
) -> None:
    (site.root / "build/preview").mkdir()
    assert site.is_current(["build"])
    (site.root / "build" / gone).rename(site.root / "elsewhere")
    assert not site.is_current(["build"])


def test_pages_are_stale_when_a_template_changes(site: Site) -> None:
    override = site.root / "templates/sheets/card.html.j2"
    override.parent.mkdir(parents=True)
    override.write_text("<article>mine: {{ sheet.title }}</article>")
    assert not site.is_current()
    site.write_all([spec("bow")])
    assert site.is_current() and "mine: bow" in site.page("index.html")


def test_a_writing_of_everything_that_was_cut_short_leaves_the_pages_stale(site: Site) -> None:
    def sheets() -> Iterator[SpecSheet]:
        yield spec("bow")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        site.write_all(sheets())
    assert not site.is_current()


def test_pages_are_stale_when_their_memory_is_damaged(site: Site) -> None:
    with sqlite3.connect(site.database) as connection:
        connection.execute("UPDATE page_memory SET value = 'x' WHERE topic = 'fragment exercises/neck'")
    connection.close()
    assert "build/exercises-neck.html" in site.write({"exercises/nod": spec("nod", "spine")})
    assert not site.is_current()
    site.write_all([spec("bow"), spec("nod")])
    assert site.is_current()
