"""The table of targets and the small diff, on a terminal and in a pipe."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest

from calotype.ground.light_dataclass import replace
from calotype.project.answers import Change, Explanation, SetLeftOut, SetMember, SetReport, TargetRow
from calotype.roof.report.explanation import describe
from calotype.roof.report.rows import table
from calotype.roof.report.set_report import describe_set
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


def test_of_digests_the_first_digits_are_told() -> None:
    told = str(Change("start.pixels", "0123456789abcdef" * 4, "fedcba9876543210" * 4, NOD, 4))
    assert told == f"start.pixels: 01234567 -> fedcba98 ({NOD}:4)"


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


LEO = "characters/leo/variations/row"


def test_on_a_terminal_pictures_of_a_variation_that_stand_alike_are_one_line_that_is_a_glob() -> None:
    rows = [row(f"{LEO}_{number:02}", "stale" if number == 5 else "up_to_date", "Leo") for number in range(1, 13)]
    rows += [row("characters/leo/anchors/front", title="Leo"), row("exercises/nod/01"), row("exercises/nod/02")]
    assert [line.split()[-2] for line in listed(rows, Terminal())[1:-1] if "row" in line] == [
        f"{LEO}_0[1-4]", f"{LEO}_05", f"{LEO}_0[6-9]", f"{LEO}_1[0-2]"]
    assert len(listed(rows, Terminal())) == 1 + 4 + 3 + 1
    assert listed(rows, Terminal())[-1] == "15 targets: 14 up to date, 1 stale (-v names each)"
    for lines in (listed(rows), listed(rows, Terminal(), verbose=True)):
        assert len(lines) == 1 + 15 + 1 and lines[-1] == "15 targets: 14 up to date, 1 stale"


def test_pictures_of_which_something_is_said_or_that_are_not_all_there_have_their_own_lines() -> None:
    rows = [row(f"{LEO}_01"), row(f"{LEO}_02"), replace(row(f"{LEO}_03"), curation="excluded", curation_reason="no bar"),
            replace(row(f"{LEO}_04"), curation="excluded", curation_reason="no bar"), row(f"{LEO}_07"), row(f"{LEO}_09")]
    text = "\n".join(listed(rows, Terminal()))
    assert text.count("excluded: no bar") == 2 and text.count("_0[") == 1
    assert all(f"{LEO}_{end}" in text for end in ("0[1-2]", "03", "04", "07", "09"))


def test_a_title_that_all_have_gives_way_where_targets_need_the_room() -> None:
    rows = [row(f"characters/leo/variations/{'long_' * 8}{letter}_01", title="Leo the cat") for letter in "ab"]
    lines = listed(rows, Terminal())
    assert lines[0] == "state       target" and lines[1].endswith("a_01")
    assert listed([row("exercises/nod/01", title="word " * 40)], Terminal())[1].endswith("…")


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


# a training set


def test_a_set_fits_a_terminal_and_what_is_to_be_done_is_told_whole() -> None:
    name = "characters/leo/variations/barbell_row_start_01"
    why = "standing, oblique left: farthest, 38 from barbell_row_start_01; score 81"
    members = (SetMember("characters/leo/anchors/front", "", "", "anchor", "an anchor"), SetMember(name, "", "", "suggest", why))
    left = (SetLeftOut(name.replace("row", "press"), "open", f"is stale: `calotype build {name.replace('row', 'press')}`"),
            *(SetLeftOut(f"{LEO}_0{number}", "free", f"`max` is 30; `calotype include {LEO}_0{number}` takes it in")
              for number in range(1, 7)))
    report = SetReport("characters/leo", "leo", 2, 30, members, left, "")
    lines = describe_set(report, verbose=False, stream=Terminal()).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[3].split("  ")[-1].startswith("standing, oblique left: ") and lines[3].endswith("…")
    assert "`calotype build characters/leo/variations/barbell_press_start_01`" in " ".join(map(str.strip, lines))
    assert lines[-1].strip() == "`max` is 30; `calotype include TARGET` takes it in (-v names them)"
    assert lines[-2].split() == ["not", "chosen", "6", "images"]
    whole = describe_set(report, verbose=True, stream=Terminal())
    assert why in whole and all(f"`calotype include {LEO}_0{number}` takes" in whole for number in range(1, 7))


def test_many_that_are_stale_are_one_line_and_what_was_decided_is_named() -> None:
    left = (*(SetLeftOut(f"{LEO}_{number:02}", "open", f"is stale: `calotype build {LEO}_{number:02}`") for number in range(9)),
            *(SetLeftOut(f"{LEO}_{number:02}", "excluded", "excluded: no bar") for number in range(10, 17)))
    lines = describe_set(SetReport("characters/leo", "leo", 2, 30, (), left, ""), verbose=False, stream=PIPE).splitlines()
    assert sum("no bar" in line for line in lines) == 7
    assert lines[-1].split("  ")[-1].strip() == "is stale: `calotype build TARGET` (-v names them)"
