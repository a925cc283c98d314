"""The table of targets and the small diff, on a terminal and in a pipe."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest

from calotype.project.answers import Change, Explanation, TargetRow
from calotype.roof.report.explanation import describe
from calotype.roof.report.rows import table
from calotype.roof.report.style import cells

NOD = "specs/exercises/neck/nod.yaml"


PIPE = io.StringIO()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def listed(rows: list[TargetRow], stream: io.StringIO = PIPE, *, verbose: bool = False) -> list[str]:
    return table(rows, verbose=verbose, stream=stream).splitlines()


def row(target: str, state: str = "up_to_date", title: str = "Nod") -> TargetRow:
    return TargetRow(target, "exercise", state, title, f"content/images/{target}.png", NOD, "mannequin", 1)


def explained(*changes: Change, stream: io.StringIO = PIPE) -> list[str]:
    text = describe(Explanation("exercises/nod/01", "stale", "a reason", changes, (), "abc", ("abc",)), stream)
    head, *diff, blank, key = text.splitlines()
    assert (head, blank, key) == ("exercises/nod/01: stale", "", "action key abc")
    return diff


def change(old: Any, new: Any, field: str = "prompt", line: int | None = 4) -> Change:
    return Change(field, old, new, NOD, line)


def test_a_list_is_a_table_with_states_and_a_tally() -> None:
    rows = [row("exercises/nod/01"), row("exercises/nod/02", "stale", "Down"), row("scenes/sip/a", "awaiting")]
    assert listed(rows) == [
        "state       target            title",
        "up to date  exercises/nod/01  Nod",
        "stale       exercises/nod/02  Down",
        "awaiting    scenes/sip/a      Nod",
        "3 targets: 1 up to date, 1 stale, 1 awaiting",
    ]


def test_only_the_state_is_coloured(colours: None) -> None:
    line = listed([row("exercises/nod/01", "modified")])[1]
    assert line == "\x1b[31mmodified\x1b[0m  exercises/nod/01  Nod"


def test_a_list_fits_a_terminal_and_titles_give_way_before_targets() -> None:
    lines = listed([row("exercises/nod/01", title="word " * 40), row(f"exercises/{'a' * 40}/02")], Terminal())
    assert all(len(line) <= 80 for line in lines)
    assert f"exercises/{'a' * 40}/02" in lines[2] and lines[1].endswith("…")


def test_targets_too_long_for_a_terminal_lose_their_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in (30, 40, 80):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = listed([row(f"exercises/{'long_' * 12}/{n:02}", title="首" * 60) for n in (1, 2)], Terminal())
        assert all(cells(line) <= columns for line in lines[:-1])
        assert "/01" in lines[1] and "/02" in lines[2]


def test_nothing_of_a_list_is_cut_in_a_pipe_or_with_v() -> None:
    rows = [row("exercises/nod/01", title="word " * 40 + "end")]
    assert listed(rows)[1].endswith("word end")
    assert listed(rows, Terminal(), verbose=True)[1].endswith(NOD)


def test_a_title_cannot_move_the_cursor() -> None:
    assert "\x1b" not in "".join(listed([row("exercises/nod/01", title="\x1b[2Jx\n\u202ey")]))
    assert "\x1b" not in "".join(explained(change("a", "\x1b[2Jb")))


def test_ten_thousand_targets_are_a_table_in_an_instant() -> None:
    rows = [row(f"exercises/nod_{n}/01", title=f"A title of a length that has to be cut, {n}") for n in range(10_000)]
    before = time.process_time()
    listed(rows, Terminal())
    assert time.process_time() - before < 2


def test_short_values_stand_in_columns_under_their_place() -> None:
    changes = (
        change(90, 80, "posture.left.knee_flexion"), change(None, 5, "posture.hip_flexion"),
        Change("seed", 42, 43, "calotype.yaml", 6), Change("pick", 1, 2),
    )
    assert explained(*changes) == [
        f"  {NOD}:4",
        "    posture.left.knee_flexion  - 90      + 80",
        "    posture.hip_flexion        - (none)  + 5",
        "  calotype.yaml:6",
        "    seed  - 42  + 43",
        "  (no place)",
        "    pick  - 1  + 2",
    ]


def test_a_text_and_a_number_that_read_alike_are_told_apart() -> None:
    assert explained(change(42, "42"))[1] == '    prompt  - 42  + "42"'


def test_of_a_long_text_only_the_words_that_differ_are_shown() -> None:
    words = [f"word{n}" for n in range(30)]
    old, new = " ".join(words), " ".join(["first", *words[:15], "middle", "two", *words[16:29]])
    assert explained(change(old, new)) == [
        f"  {NOD}:4",
        "    prompt",
        "      {+first+} word0 word1 word2 word3 … word11 word12 word13 word14 [-word15-] {+middle two+}",
        "      word16 word17 word18 word19 … word25 word26 word27 word28 [-word29-]",
    ]


def test_of_a_list_the_items_that_differ_are_shown() -> None:
    old = ["deep neck flexors", "suboccipital muscles"]
    assert explained(change(old, ["deep neck flexors", "splenius", "suboccipital muscles"]))[2] == (
        '      "deep neck flexors" {+"splenius"+} "suboccipital muscles"'
    )


def test_texts_with_little_in_common_are_shown_whole() -> None:
    old, new = "one text about a person who sits", "quite another, of standing " + "word " * 20
    lines = explained(change(old, new), stream=Terminal())
    assert lines[2] == f"      - {old}"
    assert lines[3].startswith("      + quite another, of standing") and all(len(line) <= 80 for line in lines)


def test_texts_too_long_to_be_compared_are_shown_whole_and_at_once() -> None:
    old, new = "word " * 20_000, "word " * 20_000 + "end"
    before = time.process_time()
    assert len(explained(change(old, new))) > 1000
    assert time.process_time() - before < 2


def test_removed_is_red_and_added_is_green(colours: None) -> None:
    long = change("word " * 9 + "old", "word " * 9 + "new")
    text = describe(Explanation("t", "stale", "", (change(1, 2), long), (), "", ()), PIPE)
    for code, words in ((31, "- 1"), (32, "+ 2"), (31, "[-old-]"), (32, "{+new+}")):
        assert f"\x1b[{code}m{words}\x1b[0m" in text
