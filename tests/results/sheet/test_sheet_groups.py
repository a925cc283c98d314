"""Groups of many specs: cut into pages, edited step by step, searched, and always as a clean writing leaves them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calotype.results.sheet import Picture, SpecSheet, write_all_sheets, write_sheets
from calotype.results.sheet.catalog import FEWEST, MOST, cut
from calotype.results.sheet.pages import fingerprint


def spec(name: str, version: int = 1, state: str = "up_to_date", region: str = "neck") -> SpecSheet:
    digest = f"{version:x}".ljust(64, "0")
    pictures = tuple(
        Picture(f"exercises/{name}/{n:02d}", f"content/images/exercises/{region}/{name}_{n:02d}.png", digest, digest,
                (64, 64), caption=f"caption {version}", state=state)
        for n in (1, 2))
    return SpecSheet("exercises", name, name.capitalize(), f"specs/exercises/{name}.yaml", pictures, region, ("posture",))


def many(count: int) -> dict[str, SpecSheet]:
    return {f"exercises/move_{n:04d}": spec(f"move_{n:04d}") for n in range(count)}


def files(root: Path) -> dict[str, bytes]:
    """All of them but the seal, which holds times."""
    found = [path for path in root.rglob("*") if path.is_file() and path.name != "seal"]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def clean(root: Path, sheets: dict[str, SpecSheet]) -> dict[str, bytes]:
    shutil.rmtree(root, ignore_errors=True)
    write_all_sheets(root, [sheets[key] for key in sorted(sheets)])
    return files(root)


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("thousand")
    write_all_sheets(root, many(1000).values())
    return root


def pages(written: list[str]) -> list[str]:
    return [name for name in written if name.endswith(".html") and name.count("/") == 1]


@pytest.mark.parametrize("count", [0, 1, FEWEST, MOST, 1000, 5000])
def test_pages_hold_all_specs_in_order_and_are_of_a_handy_size(count: int) -> None:
    ids = [f"move_{n:04d}" for n in range(count)]
    found = cut(ids)
    assert [name for page in found for name in page] == ids
    assert all(FEWEST <= len(page) <= MOST for page in found[:-1])


def test_a_new_spec_moves_the_cuts_near_it_and_no_others() -> None:
    ids = [f"move_{n:04d}" for n in range(5000)]
    before = set(cut(ids))
    for at in (0, 1234, 4999):
        after = set(cut(sorted([*ids, f"move_{at:04d}x"])))
        assert len(after - before) <= 6, at


def test_one_edit_among_a_thousand_specs_writes_one_page_of_its_group(thousand: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(thousand, root)
    assert pages(write_sheets(root, {"exercises/move_0500": spec("move_0500", 2)})) == [
        name for name in pages([f"build/{path.name}" for path in (root / "build").glob("*.html")])
        if b"move_0500.html" in (root / name).read_bytes()]
    added = pages(write_sheets(root, {"exercises/move_0500x": spec("move_0500x")}))
    assert 1 <= len(added) <= 5
    removed = pages(write_sheets(root, {"exercises/move_0500x": None}))
    assert 1 <= len(removed) <= 5


def test_every_page_of_a_group_can_be_reached(thousand: Path) -> None:
    build = thousand / "build"
    first = (build / "exercises-neck.html").read_text()
    later = sorted(path.name for path in build.glob("exercises-neck.*.html"))
    assert len(later) >= 3
    assert all(f'href="{name}"' in first for name in later)
    page, seen = "exercises-neck.html", 1
    while 'rel="next"' in (text := (build / page).read_text()):
        page = text.partition('rel="next" href="')[2].partition('"')[0]
        seen += 1
    assert seen == len(later) + 1
    assert "1,000 specs" in first and "1,000 specs" not in (build / page).read_text()


edits = st.lists(st.tuples(st.integers(0, 400), st.sampled_from(["new", "gone", "failed", "moved"])), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(st.lists(edits, min_size=1, max_size=3))
def test_whatever_is_edited_the_pages_are_those_of_a_clean_writing(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[list[tuple[int, str]]]
) -> None:
    root = tmp_path_factory.mktemp("project")
    sheets = {key: sheet for at, (key, sheet) in enumerate(many(400).items()) if at % 3}
    write_all_sheets(root / "step", sheets.values())
    for number, bout in enumerate(rounds, start=2):
        changes: dict[str, SpecSheet | None] = {}
        for at, kind in bout:
            name = f"move_{at:04d}"
            one = None if kind == "gone" else spec(
                name, number, "failed" if kind == "failed" else "up_to_date", "hip" if kind == "moved" else "neck")
            changes[f"exercises/{name}"] = one
        write_sheets(root / "step", changes)
        sheets = {key: one for key, one in (sheets | changes).items() if one is not None}
    ordered = {key: sheets[key] for key in sorted(sheets, key=lambda key: (sheets[key].group, key))}
    write_all_sheets(root / "clean", ordered.values())
    assert files(root / "step") == files(root / "clean")


def test_what_the_search_reads_is_json_with_every_target(thousand: Path) -> None:
    data = thousand / "build/data"
    shards = json.loads((data / "shards.js").read_text().removeprefix("calotype.read(").removesuffix(");\n"))
    rows = []
    for name in shards:
        text = (data / name.partition("?")[0]).read_text()
        rows += json.loads(text.removeprefix("calotype.add(").removesuffix(");\n"))
    assert [row[0] for row in rows] == sorted(many(1000))
    assert rows[0][3] == ["posture"] and rows[0][5][0][:3] == ["01", "", "caption 1"]
    assert len({name.partition("=")[2] for name in shards}) == len(shards)


def test_the_address_of_a_shard_changes_with_what_it_holds(thousand: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(thousand, root)
    before = (root / "build/data/shards.js").read_text()
    write_sheets(root, {"exercises/move_0500": spec("move_0500", 2)})
    after = (root / "build/data/shards.js").read_text()
    assert before != after and len(before) == len(after)


@pytest.mark.parametrize(("groups", "cards"), [(2, 2), (20, 1), (80, 0)])
def test_the_more_groups_there_are_the_fewer_cards_of_each_the_index_shows(tmp_path: Path, groups: int, cards: int) -> None:
    write_all_sheets(tmp_path, [spec(f"move_{n:02d}{half}", region=f"region_{n:02d}") for n in range(groups) for half in "ab"])
    index = (tmp_path / "build/index.html").read_text()
    assert index.count("<h3") == groups and index.count("<article") == groups * cards
    assert index.count(f"{2 - cards} more") == (groups if cards == 1 else 0)


@pytest.mark.parametrize(("before", "after"), [(12, 13), (13, 12), (60, 61), (61, 60), (20, 20)])
def test_an_index_that_comes_to_show_other_cards_is_that_of_a_clean_writing(
    tmp_path: Path, before: int, after: int
) -> None:
    def sheets(groups: int, version: int = 1) -> dict[str, SpecSheet]:
        found = [spec(f"move_{n:02d}{half}", version, region=f"region_{n:02d}") for n in range(groups) for half in "abc"]
        return {one.key: one for one in found}

    root = tmp_path / "project"
    write_all_sheets(root, sheets(before).values())
    wanted = sheets(after)
    changes: dict[str, SpecSheet | None] = {key: wanted.get(key) for key in {*sheets(before), *wanted}
                                            if key not in wanted or key not in sheets(before)}
    for key in ("exercises/move_00b", "exercises/move_01a"):
        wanted[key] = changes[key] = sheets(after, 2)[key]
        write_sheets(root, changes)
        assert files(root) == clean(tmp_path / "clean", wanted), key
        changes.clear()
    (root / "build/.sheets/index.cards").write_text("exercises/region_01\n\tcut sho")
    wanted["exercises/move_02a"] = sheets(after, 3)["exercises/move_02a"]
    write_sheets(root, {"exercises/move_02a": wanted["exercises/move_02a"]})
    assert (root / "build/index.html").read_bytes() == clean(tmp_path / "clean", wanted)["build/index.html"]


def test_the_index_counts_tags_and_states(tmp_path: Path) -> None:
    write_all_sheets(tmp_path, [spec("bow"), spec("nod", state="failed")])
    index = (tmp_path / "build/index.html").read_text()
    assert 'href="index.html#q=tag:posture">posture <small>2</small>' in index
    assert 'href="index.html#q=state:failed">2 failed</a>' in index
    assert "all up to date" not in index


def test_a_lost_catalog_makes_the_pages_stale(thousand: Path, tmp_path: Path) -> None:
    from calotype.results.sheet import sheets_are_current

    root = tmp_path / "project"
    shutil.copytree(thousand, root)
    assert sheets_are_current(root)
    (root / "build/data/exercises-neck.js").unlink()
    assert not sheets_are_current(root)
    shutil.copy(thousand / "build/data/exercises-neck.js", root / "build/data")
    (root / "build/.sheets/index.json").write_text("{")
    write_sheets(root, {"exercises/move_0500": spec("move_0500", 2)})
    assert not sheets_are_current(root)


def test_a_lost_shelf_leaves_no_seal(thousand: Path, tmp_path: Path) -> None:
    from calotype.results.sheet import sheets_are_current

    root = tmp_path / "project"
    shutil.copytree(thousand, root)
    write_all_sheets(root, many(1000).values())
    assert sheets_are_current(root)
    (root / "build/.sheets/exercises-neck.tsv").write_text("")
    write_sheets(root, {"exercises/move_0001": spec("move_0001", 2)})
    assert not sheets_are_current(root)
    write_all_sheets(root, many(1000).values())
    assert sheets_are_current(root) and files(root) == clean(tmp_path / "clean", many(1000))


def test_pages_before_a_new_one_need_not_be_told(thousand: Path, tmp_path: Path) -> None:
    """Many specs, one at a time, and yet no page tells of a place it has no more."""
    sheets = many(300)
    write_all_sheets(tmp_path / "step", sheets.values())
    for n in range(0, 300, 4):
        sheets[f"exercises/move_{n:04d}x"] = spec(f"move_{n:04d}x")
        write_sheets(tmp_path / "step", {f"exercises/move_{n:04d}x": sheets[f"exercises/move_{n:04d}x"]})
    assert files(tmp_path / "step") == clean(tmp_path / "clean", sheets)


def test_a_part_in_a_folder_of_the_authors_templates_counts(tmp_path: Path) -> None:
    part = tmp_path / "templates/sheets/parts/foot.html.j2"
    part.parent.mkdir(parents=True)
    part.write_text("mine")
    before = fingerprint(tmp_path)
    part.write_text("other")
    assert fingerprint(tmp_path) != before


def test_the_script_is_among_what_an_author_may_override(tmp_path: Path) -> None:
    before = fingerprint(tmp_path)
    mine = tmp_path / "templates/sheets/sheet.js"
    mine.parent.mkdir(parents=True)
    mine.write_text("/* mine */")
    assert fingerprint(tmp_path) != before
    write_all_sheets(tmp_path, [spec("bow")])
    assert (tmp_path / "build/sheet.js").read_text() == "/* mine */"
