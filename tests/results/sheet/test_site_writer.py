"""Groups of many specs: cut into pages, edited step by step, searched, and always as a clean writing leaves them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calotype.results.sheet import Picture, SpecSheet
from calotype.results.sheet.catalog import FEWEST, MOST, cut
from calotype.results.sheet.pages import fingerprint
from calotype.store.page_memory import PageMemory
from sheets import Site


def spec(name: str, version: int = 1, state: str = "up_to_date", region: str = "neck") -> SpecSheet:
    digest = f"{version:x}".ljust(64, "0")
    pictures = tuple(
        Picture(f"exercises/{name}/{n:02d}", f"content/images/exercises/{region}/{name}_{n:02d}.png", digest, digest,
                (64, 64), caption=f"caption {version}", state=state)
        for n in (1, 2))
    return SpecSheet("exercises", name, name.capitalize(), f"specs/exercises/{name}.yaml", pictures, region, ("posture",))


def many(count: int) -> dict[str, SpecSheet]:
    return {f"exercises/move_{n:04d}": spec(f"move_{n:04d}") for n in range(count)}


def clean(root: Path, sheets: dict[str, SpecSheet]) -> Site:
    """The site of `sheets` written from nothing."""
    shutil.rmtree(root, ignore_errors=True)
    site = Site(root)
    site.write_all([sheets[key] for key in sorted(sheets, key=lambda key: (sheets[key].group, key))])
    return site


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("thousand")
    clean(root, many(1000))
    return root


@pytest.fixture
def site(thousand: Path, tmp_path: Path) -> Site:
    """The site of a thousand specs, to be changed."""
    shutil.copytree(thousand, tmp_path / "project")
    return Site(tmp_path / "project")


def pages(written: list[str]) -> list[str]:
    return [name for name in written if name.endswith(".html") and name.count("/") == 1]


@pytest.mark.parametrize("count", [0, 1, FEWEST, MOST, 1000, 5000])
def test_pages_hold_all_specs_in_order_and_are_of_a_handy_size(count: int) -> None:
    ids = [f"move_{n:04d}" for n in range(count)]
    cuts = cut(ids)
    assert [name for page in cuts for name in page] == ids
    assert all(FEWEST <= len(page) <= MOST for page in cuts[:-1])


def test_a_new_spec_moves_the_cuts_near_it_and_no_others() -> None:
    ids = [f"move_{n:04d}" for n in range(5000)]
    before = set(cut(ids))
    for at in (0, 1234, 4999):
        after = set(cut(sorted([*ids, f"move_{at:04d}x"])))
        assert len(after - before) <= 6, at


def test_one_edit_among_a_thousand_specs_writes_one_page_of_its_group(site: Site) -> None:
    assert pages(site.write({"exercises/move_0500": spec("move_0500", 2)})) == [
        name for name in pages([f"build/{path.name}" for path in (site.root / "build").glob("*.html")])
        if b"move_0500.html" in (site.root / name).read_bytes()]
    added = pages(site.write({"exercises/move_0500x": spec("move_0500x")}))
    assert 1 <= len(added) <= 5
    removed = pages(site.write({"exercises/move_0500x": None}))
    assert 1 <= len(removed) <= 5


def test_one_edit_reads_and_remembers_only_the_fragments_of_its_page(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, updates = [], []
    items, put = PageMemory.items, PageMemory.put
    monkeypatch.setattr(PageMemory, "items", lambda *args, **kwargs: reads.append(items(*args, **kwargs)) or reads[-1])
    monkeypatch.setattr(PageMemory, "put", lambda memory, update: updates.append(update) or put(memory, update))
    site.write({"exercises/move_0500": spec("move_0500", 2)})
    assert sum('"posture"' in text for texts in reads for text in texts.values() if "<article" in text) <= MOST
    assert [sorted(key for key, _ in update) for update in updates] == [["fragment exercises/neck", "page"]]


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
    stepwise = clean(root / "stepwise", sheets)
    for number, bout in enumerate(rounds, start=2):
        changes: dict[str, SpecSheet | None] = {}
        for at, kind in bout:
            name = f"move_{at:04d}"
            changes[f"exercises/{name}"] = None if kind == "gone" else spec(
                name, number, "failed" if kind == "failed" else "up_to_date", "hip" if kind == "moved" else "neck")
        stepwise.write(changes)
        sheets = {key: sheet for key, sheet in (sheets | changes).items() if sheet is not None}
    assert stepwise.everything() == clean(root / "clean", sheets).everything()


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


def test_the_address_of_a_shard_changes_with_what_it_holds(site: Site) -> None:
    before = site.page("data/shards.js")
    site.write({"exercises/move_0500": spec("move_0500", 2)})
    after = site.page("data/shards.js")
    assert before != after and len(before) == len(after)


@pytest.mark.parametrize(("groups", "cards"), [(2, 2), (20, 1), (80, 0)])
def test_the_more_groups_there_are_the_fewer_cards_of_each_the_index_shows(tmp_path: Path, groups: int, cards: int) -> None:
    site = Site(tmp_path)
    site.write_all([spec(f"move_{n:02d}{half}", region=f"region_{n:02d}") for n in range(groups) for half in "ab"])
    index = site.page("index.html")
    assert index.count("<h3") == groups and index.count("<article") == groups * cards
    assert index.count(f"{2 - cards} more") == (groups if cards == 1 else 0)


@pytest.mark.parametrize(("before", "after"), [(12, 13), (13, 12), (60, 61), (61, 60), (20, 20)])
def test_an_index_that_comes_to_show_other_cards_is_that_of_a_clean_writing(
    tmp_path: Path, before: int, after: int
) -> None:
    def sheets(groups: int, version: int = 1) -> dict[str, SpecSheet]:
        specs = [spec(f"move_{n:02d}{half}", version, region=f"region_{n:02d}") for n in range(groups) for half in "abc"]
        return {sheet.key: sheet for sheet in specs}

    site = clean(tmp_path / "project", sheets(before))
    goal = sheets(after)
    changes: dict[str, SpecSheet | None] = {key: goal.get(key) for key in {*sheets(before), *goal}
                                            if key not in goal or key not in sheets(before)}
    for key in ("exercises/move_00b", "exercises/move_01a"):
        goal[key] = changes[key] = sheets(after, 2)[key]
        site.write(changes)
        assert site.everything() == clean(tmp_path / "clean", goal).everything(), key
        changes.clear()


def test_the_index_counts_tags_and_states(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.write_all([spec("bow"), spec("nod", state="failed")])
    index = site.page("index.html")
    assert 'href="index.html#q=tag:posture">posture <small>2</small>' in index
    assert 'href="index.html#q=state:failed">2 failed</a>' in index
    assert "all up to date" not in index


def test_specs_that_come_one_by_one_leave_the_pages_of_a_clean_writing(tmp_path: Path) -> None:
    sheets = many(300)
    stepwise = clean(tmp_path / "stepwise", sheets)
    for n in range(0, 300, 4):
        sheets[f"exercises/move_{n:04d}x"] = spec(f"move_{n:04d}x")
        stepwise.write({f"exercises/move_{n:04d}x": sheets[f"exercises/move_{n:04d}x"]})
    assert stepwise.everything() == clean(tmp_path / "clean", sheets).everything()


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
    site = Site(tmp_path)
    site.write_all([spec("bow")])
    assert site.page("sheet.js") == "/* mine */"
