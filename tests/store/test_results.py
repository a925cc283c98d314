"""One lookup by key: what is published, then the local caches; and where the bytes are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from calotype.ground.digest import sha256
from calotype.store.action_cache import ActionCache
from calotype.store.cas import Cas
from calotype.store.results import Made, Record, Results

KEY, OTHER = sha256(b"key"), sha256(b"other")


class Lines:
    """A published tier: records by key, and files by their path."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.told: dict[str, list[Record]] = {}
        self.files: dict[str, str] = {}
        self.searched: list[str] = []

    def records(self, key: str) -> Sequence[Record]:
        self.searched.append(key)
        return self.told.get(key, ())

    def file(self, path: str, blob: str, pixels: str) -> Path | None:
        return self.root / path if self.files.get(path) == blob else None


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    return Lines(tmp_path)


@pytest.fixture
def cas(tmp_path: Path) -> Cas:
    return Cas(tmp_path / "cache")


@pytest.fixture
def results(cas: Cas, lines: Lines, tmp_path: Path) -> Results:
    return Results(cas, ActionCache(tmp_path / "actions.db"), lines)


def rendered(results: Results, cas: Cas, pixels: str, key: str = KEY) -> str:
    blob = cas.put(pixels.encode())
    results.record([(key, "render", b"{}", {"pixels": pixels, "blob": blob}, {})])
    return blob


def test_what_nobody_knows_is_left_out(results: Results) -> None:
    assert results.get_many([KEY], {}) == {}


def test_what_is_published_counts_before_what_is_local(results: Results, cas: Cas, lines: Lines) -> None:
    rendered(results, cas, "here")
    lines.told[KEY] = [Record("there")]
    assert results.get_many([KEY], {})[KEY] == Made("there")
    assert results.get_many([KEY], {KEY: [Record("own")]})[KEY].output == "own"


def test_a_published_output_that_was_made_here_too_is_at_hand(results: Results, cas: Cas, lines: Lines) -> None:
    blob = rendered(results, cas, "same")
    lines.told[KEY] = [Record("same")]
    assert results.get_many([KEY], {})[KEY] == Made("same", blob, at_hand=True)


def test_where_bytes_come_first_a_loser_without_any_gives_way(results: Results, cas: Cas) -> None:
    blob = rendered(results, cas, "here")
    own = {KEY: [Record("lost")]}
    assert results.get_many([KEY], own, bytes_first=True)[KEY] == Made("here", blob, at_hand=True)


def test_a_published_file_is_at_hand_as_long_as_it_is_what_was_published(results: Results, lines: Lines) -> None:
    own = {KEY: [Record("pixels", "blob" * 16, "a.png")]}
    with pytest.raises(ValueError, match="no digest"):
        results.get_many([KEY], own, bytes_first=True)
    blob = sha256(b"a")
    own = {KEY: [Record("pixels", blob, "a.png")]}
    assert not results.get_many([KEY], own, bytes_first=True)[KEY].at_hand
    lines.files["a.png"] = blob
    made = results.get_many([KEY], own, bytes_first=True)[KEY]
    assert made == Made("pixels", blob, at_hand=True, path="a.png", local=False)
    assert results.place(made) == lines.root / "a.png"


def test_of_several_lines_one_whose_file_is_there_counts(results: Results, lines: Lines) -> None:
    blob = sha256(b"a")
    lines.told[KEY] = [Record("one", sha256(b"gone"), "gone.png"), Record("two", blob, "a.png")]
    lines.files["a.png"] = blob
    assert results.get_many([KEY], {}, bytes_first=True)[KEY].output == "two"


def test_a_local_picture_at_hand_needs_no_search_among_the_lines(results: Results, cas: Cas, lines: Lines) -> None:
    rendered(results, cas, "here")
    results.get_many([KEY], {}, bytes_first=True)
    assert lines.searched == []


def test_the_first_result_stands_as_long_as_its_bytes_do(results: Results, cas: Cas) -> None:
    first = rendered(results, cas, "first")
    rendered(results, cas, "second")
    assert results.local(KEY) == Made("first", first, at_hand=True)
    cas.remove(first)
    second = rendered(results, cas, "second")
    assert results.local(KEY) == Made("second", second, at_hand=True)


def test_an_adopted_output_without_bytes_gives_way_to_a_render(results: Results, cas: Cas) -> None:
    results.record([(KEY, "render", b"{}", {"pixels": "told"}, {}), (OTHER, "score", b"{}", {"score": 71.25}, {})])
    assert results.local(KEY) == Made("told") and results.local(OTHER) == Made("71.25")
    blob = rendered(results, cas, "made")
    assert results.local(KEY) == Made("made", blob, at_hand=True)


def test_damaged_bytes_are_put_aside_and_gone(results: Results, cas: Cas) -> None:
    blob = rendered(results, cas, "here")
    made = results.local(KEY)
    assert made is not None and not results.discard(made) and results.sound_place(made) == cas.path(blob)
    cas.path(blob).write_bytes(b"damaged")
    assert results.discard(made) and results.place(made) is None
