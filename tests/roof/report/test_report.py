"""How verdicts and diagnostics read on a terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from calotype.ground.diagnostics import Diagnostic, error, warning
from calotype.ground.finding import Finding
from calotype.ground.light_dataclass import replace
from calotype.project.outcome import Cost, Outcome, TargetOutcome
from calotype.roof.report.diagnostic_text import MOST, show, tally
from calotype.roof.report.findings import checklist
from calotype.roof.report.style import cells, clip, elide
from calotype.roof.report.summary import CAP, summary
from calotype.roof.report.text import count_text, seconds_text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eighty columns, without colour."""
    monkeypatch.setenv("COLUMNS", "80")


def shown(root: Path, *diagnostics: Diagnostic) -> list[str]:
    return show(diagnostics, root, io.StringIO()).splitlines()


def told(outcome: Outcome, verb: str = "build", *, verbose: bool = False) -> list[str]:
    return summary(outcome, verb, verbose=verbose, stream=io.StringIO()).splitlines()


def test_a_diagnostic_shows_its_place_its_line_a_caret_and_a_hint(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("kind: exercise\nimges: []\n")
    assert shown(
        tmp_path,
        error(
            "unknown-key",
            "`imges` is no key",
            file="spec.yaml",
            line=2,
            column=1,
            hint="did you mean `images`?",
        ),
    ) == [
        "spec.yaml:2:1: error[unknown-key]: `imges` is no key",
        "    2 | imges: []",
        "      | ^^^^^",
        "  hint: did you mean `images`?",
    ]


def test_the_caret_stands_under_its_column_after_wide_letters(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("title: 首 x\n", encoding="utf-8")
    lines = shown(tmp_path, error("odd", "odd", file="spec.yaml", line=1, column=10))
    assert lines[1:] == ["    1 | title: 首 x", "      |           ^"]


def test_the_caret_stands_under_its_column_on_a_very_long_line(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("a" * 5000 + "X" + "b" * 5000)
    _, source, caret = shown(tmp_path, error("odd", "odd", file="spec.yaml", line=1, column=5001))
    assert len(source) < 200
    assert source[caret.index("^")] == "X"


def test_control_characters_of_a_source_line_never_reach_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text("title: \x1b[2J\tx\n")
    assert "\x1b" not in "".join(shown(tmp_path, error("odd", "odd", file="spec.yaml", line=1, column=8)))


@pytest.mark.parametrize(
    ("line", "column", "message", "carets"),
    [
        ("view_angle: latral", 13, "`view_angle` is `latral`; it may be lateral", "^^^^^^"),
        ("neck_flexion: 400", 15, "neck_flexion 400 is beyond the possible range", "^^^"),
        ("knee_flexion: -1000.0}", 15, "knee_flexion -1000 is beyond the possible range", "^^^^^^^"),
        ('region: "ne ck"', 9, "`region` is `ne ck`", "^^^^^^^"),
        ("title: 首頁", 8, "`title` is `首頁`", "^^^^"),
        ("kind: exercise", 1, "an exercise lacks `images`", "^"),
        ("a: [1, 2", 4, "a `[` opens here and does not close", "^"),
        ("title:", 7, "`title` wants text", "^"),
    ],
)
def test_carets_stand_under_what_the_message_quotes(
    tmp_path: Path, line: str, column: int, message: str, carets: str
) -> None:
    (tmp_path / "spec.yaml").write_text(line + "\n", encoding="utf-8")
    told = shown(tmp_path, error("odd", message, file="spec.yaml", line=1, column=column))[2]
    assert told.partition("| ")[2].strip() == carets


def test_an_error_fits_a_terminal_and_its_caret_stays_in_place(tmp_path: Path, terminal: None) -> None:
    (tmp_path / "spec.yaml").write_text(f"title: {'word ' * 30}wrogn {'word ' * 30}\n")
    one = error("odd", "`wrogn` " + "is no word " * 20, file="spec.yaml", line=1, column=158, hint="write " * 30)
    lines = show([one], tmp_path, Terminal()).splitlines()
    assert all(len(line) <= 80 for line in lines)
    caret = next(number for number, line in enumerate(lines) if "^" in line)
    start = lines[caret].index("^")
    assert lines[caret - 1][start : start + 5] == "wrogn" and lines[caret].strip(" |") == "^" * 5
    assert lines[caret - 1].count("…") == 2
    assert len(show([one], tmp_path, io.StringIO()).splitlines()[0]) > 200


@pytest.mark.parametrize("columns", ["1", "9", "20"])
def test_any_width_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    (tmp_path / "spec.yaml").write_text(f"title: {'word ' * 30}\n")
    assert "^" in show([error("odd", "odd " * 9, file="spec.yaml", line=1, column=90)], tmp_path, Terminal())
    assert summary(outcome(3, reason="word " * 30), "plan", verbose=False, stream=Terminal())
    assert checklist([Finding("disk", "ok", "60 GB free")], Terminal())


def test_errors_stand_together_by_file() -> None:
    found = [error("odd", name, file=name[0]) for name in ("a1", "b1", "a2")]
    assert show(found, None, io.StringIO()).splitlines() == [
        "a: error[odd]: a1", "a: error[odd]: a2", "", "b: error[odd]: b1"
    ]
    assert tally([*found, warning("odd", "w", file="a")]) == "3 errors and 1 warning in 2 files"
    assert tally(found[:1]) == "1 error"


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_people_get_the_worst_of_very_many_errors_and_a_count(terminal: None, stream: type[io.StringIO]) -> None:
    found = [*(warning("odd", f"w{n}") for n in range(MOST)), error("odd", "the error"), error("odd", "another")]
    text = show(found, None, stream())
    assert "the error" in text and "another" in text and text.endswith("... and 2 more (-v shows them)")
    assert text.count("warning[odd]") == MOST - 2
    assert len(show(found, None, stream(), verbose=True).splitlines()) == MOST + 2


@pytest.mark.parametrize(
    "place",
    [
        {"file": "gone.yaml", "line": 3, "column": 1},
        {"file": "spec.yaml", "line": 99, "column": 1},
        {"file": "spec.yaml"},
        {},
    ],
)
def test_without_a_source_line_the_message_stands_alone(tmp_path: Path, place: dict[str, object]) -> None:
    (tmp_path / "spec.yaml").write_text("a: 1\n")
    assert len(shown(tmp_path, warning("odd", "odd", **place))) == 1  # type: ignore[arg-type]


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    one = error("odd", "odd")
    assert "\x1b[" in show([one], None, Terminal())
    assert "\x1b[" not in show([one], None, io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in show([one], None, Terminal())


def outcome(count: int, status: str = "rendered", reason: str = "seed: 42 -> 43", **tally: int) -> Outcome:
    targets = tuple(
        TargetOutcome(f"exercises/bow/{n:02d}", status, f"content/{n}.png", reason) for n in range(count)
    )
    return Outcome(targets=targets, seconds=1.94, **tally)


def test_a_build_is_one_line_a_target_and_a_tally() -> None:
    assert told(outcome(1, renders=1, up_to_date=41, cache_hits=2)) == [
        "rendered  exercises/bow/00 — seed: 42 -> 43",
        "1 image rendered, 2 from the cache, 41 up to date (1.9 s)",
    ]


def test_a_build_that_had_nothing_to_do_says_so() -> None:
    assert told(Outcome(up_to_date=44)) == ["nothing rendered, 44 up to date (0.0 s)"]


def test_a_plan_speaks_of_what_would_be_done() -> None:
    assert told(outcome(1, "render", renders=4), "plan")[-1] == "4 images to render (1.9 s)"


def test_a_plan_tells_of_money_and_of_more_than_some_seconds() -> None:
    plan = replace(outcome(1, "render", renders=16), estimate=Cost(160.0, 0.6), actions={"enhance": 4})
    assert told(plan, "plan")[-1] == "16 images to render, about 2 min 40 s, 0.60 USD (1.9 s)"
    short = replace(plan, estimate=Cost(9.0))
    assert told(short, "plan")[-1] == "16 images to render (1.9 s)"


def test_a_build_that_made_prompts_alone_says_how_many() -> None:
    prompts = replace(outcome(0), actions={"enhance": 4}, up_to_date=2)
    assert told(prompts)[-1] == "4 prompts enhanced, 2 up to date (1.9 s)"
    assert told(prompts, "plan")[-1] == "4 prompts to enhance, 2 up to date (1.9 s)"


def test_a_check_counts_what_is_wrong() -> None:
    assert (
        told(outcome(2, "stale", unsettled=2, up_to_date=3), "check")[-1] == "2 stale, 3 up to date (1.9 s)"
    )


def test_lines_fit_a_terminal_unless_asked_for_more(terminal: None) -> None:
    long = outcome(1, reason="description: " + "word " * 60 + "(specs/exercises/neck/bow.yaml:12)")
    lines = summary(long, "build", verbose=False, stream=Terminal()).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[0] == "rendered  exercises/bow/00"
    assert lines[1].endswith("word w… (specs/exercises/neck/bow.yaml:12)")
    assert len(summary(long, "build", verbose=True, stream=Terminal()).splitlines()[0]) > 200


def test_of_a_change_something_of_both_sides_is_shown(terminal: None) -> None:
    for reason, shown in (
        (f"prompt: {'old ' * 30}-> {'new ' * 30}(a.yaml:4)", ("prompt: old", "… -> new", "… (a.yaml:4)")),
        (f"prompt: {'old ' * 30}-> new (a.yaml:4)", ("prompt: old", "… -> new (a.yaml:4)")),
        (f"prompt: old -> {'new ' * 30}(a.yaml:4)", ("prompt: old -> new new", "… (a.yaml:4)")),
    ):
        line = summary(outcome(1, reason=reason), "plan", verbose=False, stream=Terminal()).splitlines()[1]
        assert all(part in line for part in shown) and 70 < len(line) <= 80, line


def test_of_several_reasons_none_gets_the_place_of_another(terminal: None) -> None:
    reason = f"title: {'word ' * 20}(a.yaml:4), seed: 1 -> 2 (b.yaml:5)"
    line = summary(outcome(1, reason=reason), "plan", verbose=False, stream=Terminal()).splitlines()[1]
    assert line.endswith("word wo…") and "b.yaml" not in line


def test_nothing_is_cut_in_a_pipe() -> None:
    long = outcome(1, reason="description: " + "word " * 60 + "end")
    assert told(long)[0].endswith("word end")


def test_many_targets_are_capped_unless_asked_for() -> None:
    targets = tuple(
        TargetOutcome(f"exercises/bow/{n:02d}", "rendered", "", f"seed: {n} -> 7") for n in range(CAP + 7)
    )
    lines = told(Outcome(targets=targets))
    assert len(lines) == CAP + 2
    assert lines[-2] == "... and 7 more (-v shows them)"
    assert len(told(Outcome(targets=targets), verbose=True)) == CAP + 8


def test_many_targets_of_one_spec_with_one_reason_are_one_line() -> None:
    assert told(outcome(CAP + 7, renders=27)) == [
        "rendered  exercises/bow (27 targets) — seed: 42 -> 43",
        "-v shows every target",
        "27 images rendered (1.9 s)",
    ]


def test_one_reason_on_many_lines_of_a_spec_is_one_line() -> None:
    targets = tuple(
        TargetOutcome(f"characters/doll/variations/bow_{n:02d}", "stale", "", f"prompt: a -> b (specs/doll.yaml:{n})")
        for n in range(CAP + 7)
    )
    assert told(Outcome(targets=targets))[0] == "stale     characters/doll (27 targets) — prompt: a -> b (specs/doll.yaml)"


def test_many_specs_with_one_reason_are_one_line() -> None:
    targets = tuple(
        TargetOutcome(f"exercises/bow_{n}/01", "render", "", "seed: 42 -> 43 (calotype.yaml:6)") for n in range(10_000)
    )
    assert told(Outcome(targets=targets, renders=10_000), "plan") == [
        "render    exercises/bow_0/01 and 9999 more — seed: 42 -> 43 (calotype.yaml:6)",
        "-v shows every target",
        "10000 images to render (0.0 s)",
    ]


def test_what_only_a_person_or_another_command_can_end_is_said() -> None:
    assert "hint: `calotype build` renews" in told(outcome(1, "stale", unsettled=1), "check")[1]
    awaited = outcome(1, "awaiting", awaiting=1)
    name = awaited.targets[0].target
    assert told(awaited)[1].startswith(f"hint: `calotype pick {name} NUMBER` decides what is awaited; the contact sheets")
    assert told(awaited, "check")[1] == f"hint: `calotype pick {name} NUMBER` decides what is awaited"
    assert "hint: `calotype pick TARGET NUMBER`" in told(outcome(2, "awaiting", awaiting=2))[2]
    assert not any("hint" in line for line in told(outcome(1, "rendered", renders=1)))


def test_what_scores_low_under_strict_no_build_renews() -> None:
    low = TargetOutcome("exercises/nod/01", "stale", "", "scores 12.5, below 30: `clip` pulled it down (6.3)")
    stale = outcome(1, "stale", unsettled=1).targets
    [hint] = [line for line in told(Outcome(targets=(low,), unsettled=1), "check") if "hint" in line]
    assert hint.startswith("hint: `calotype pick exercises/nod/01 NUMBER` lets a picture stand that scores low; else")
    both = told(Outcome(targets=(low, *stale), unsettled=2), "check")
    assert len([line for line in both if "hint" in line]) == 2
    assert any("`calotype build` renews them" in line for line in both)


def test_the_cap_never_hides_a_failure() -> None:
    good, bad = outcome(100).targets, TargetOutcome("scenes/coffee/sip", "failed", "", "black image")
    assert told(Outcome(targets=(*good, bad), failed=1))[0] == "failed    scenes/coffee/sip — black image"


def test_what_was_skipped_is_counted() -> None:
    assert told(outcome(2, "skipped", "what it starts from failed", failed=1))[-1] == (
        "nothing rendered, 1 failed, 2 skipped (1.9 s)"
    )


def test_times_and_counts_read_well() -> None:
    assert [seconds_text(n) for n in (0.04, 9.96, 59.7, 200, 7500)] == [
        "0.0 s",
        "10.0 s",
        "1 min 0 s",
        "3 min 20 s",
        "2 h 5 min",
    ]
    assert [count_text(n, "image") for n in (0, 1, 2)] == ["0 images", "1 image", "2 images"]


def test_a_path_loses_its_middle() -> None:
    assert elide("exercises/a_long_name/01", 30) == "exercises/a_long_name/01"
    assert elide("exercises/a_long_name/01", 16) == "exerc…ng_name/01"
    assert cells(elide("首" * 20, 9)) <= 9


def test_text_is_cut_to_its_width_in_columns() -> None:
    assert clip("one two", 20) == "one two"
    assert clip("one two three", 8) == "one two…"
    assert cells(clip("首首首首首", 6)) <= 6


def test_a_checklist_fits_a_terminal(terminal: None) -> None:
    found = [
        Finding("disk", "ok", "60 GB free"),
        Finding("model " + "long/" * 8 + "name", "error", "is not here " * 12, "fetch it " * 12),
    ]
    lines = checklist(found, Terminal()).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[0] == f"ok      {'disk':<26}  60 GB free"
    assert lines[2].startswith(" " * 36 + "is not here") and any("hint: fetch it" in line for line in lines)
    assert len(checklist(found, io.StringIO()).splitlines()) == 3


def test_what_is_said_of_many_targets_is_told_once() -> None:
    failures = [error("render-failed", f"exercises/nod/{number:02d}: no paint", hint="buy some") for number in range(25)]
    text = show([*failures, error("render-failed", "exercises/bow/01: no brush")], None, io.StringIO())
    assert text.count("no paint") == 1 and "... and 24 more for the same reason" in text
    assert "exercises/bow/01: no brush" in text
