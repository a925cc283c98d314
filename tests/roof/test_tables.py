"""`list` and `explain` as people read them: on a terminal, in a pipe, with and without colour."""

from __future__ import annotations

import io
import sys
import time

import pytest

from calotype.build.answers import Change, Explanation, TargetRow
from calotype.roof.report import explanation, rows

PROMPT = ("anatomical diagram, physiotherapy illustration, clean simple lines, lateral view from the side, quadruped position, "
          "spinal {} (cat pose), white background, no text, no labels, high contrast black lines, educational diagram")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def row(name: str, state: str = "up_to_date", title: str = "Chin tuck") -> TargetRow:
    return TargetRow(f"exercises/{name}/01", "exercise", state, title, "content/x.png", "specs/x.yaml", "mannequin", 1)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")


def test_a_list_is_aligned_and_ends_with_what_it_comes_to() -> None:
    text = rows.table([row("chin"), row("a_longer_name", "awaiting", "Nod")], verbose=False)
    assert text.splitlines() == [
        "state       target                      title",
        "up to date  exercises/chin/01           Chin tuck",
        "awaiting    exercises/a_longer_name/01  Nod",
        "2 targets: 1 up to date, 1 awaiting",
    ]


def test_a_list_is_cut_to_a_terminal_and_never_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    long = [row("chin", title="A title that goes on and on, longer than any terminal is wide")]
    assert "any terminal is wide" in rows.table(long, verbose=False)
    monkeypatch.setattr(sys, "stdout", Terminal())
    lines = rows.table(long, verbose=False).splitlines()
    assert all(len(line) <= 60 for line in lines) and lines[1].endswith("…")
    assert "any terminal is wide" in rows.table(long, verbose=True)


def test_only_the_state_is_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    line = rows.table([row("chin", "failed")], verbose=False).splitlines()[1]
    assert line.startswith("\x1b[31mfailed\x1b[0m  exercises/chin/01") and line.count("\x1b") == 2


def test_a_list_of_ten_thousand_is_written_at_once() -> None:
    many = [row(f"exercise_{n:05d}") for n in range(10_000)]
    began = time.process_time()
    text = rows.table(many, verbose=False)
    assert text.count("\n") == 10_001 and time.process_time() - began < 1


def explained(*changes: Change) -> str:
    return explanation.describe(Explanation("exercises/cat/02", "stale", "", changes, (), "k" * 64, ()))


def test_a_short_value_is_explained_on_two_lines() -> None:
    assert explained(Change("steps", 20, 30, "calotype.yaml", 7)).splitlines()[:4] == [
        "exercises/cat/02: stale", "  steps  calotype.yaml:7", "  - 20", "  + 30"]


def test_a_long_text_is_explained_word_by_word() -> None:
    text = explained(Change("prompt", PROMPT.format("flexion"), PROMPT.format("extension and rotation"), "specs/cat.yaml", 12))
    assert "  ~ … side, quadruped position, spinal [-flexion-]{+extension and rotation+} (cat pose), white background, …" in text
    assert "anatomical" not in text and "educational" not in text


def test_words_taken_away_and_added_at_the_ends_are_shown() -> None:
    text = explained(Change("prompt", f"old {PROMPT}", f"{PROMPT} new"))
    assert "~ [-old -]" in text.replace("[-old-] ", "[-old -]") and text.splitlines()[2].endswith("{+ new+}")


def test_a_text_that_was_not_there_is_shown_whole() -> None:
    assert f"  + {PROMPT}" in explained(Change("negative", None, PROMPT)) and "(none)" in explained(Change("negative", None, PROMPT))
