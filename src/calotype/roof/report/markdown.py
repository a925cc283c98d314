"""A check as Markdown, for a pull request or a job's summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from calotype.project.outcome import Outcome
from calotype.roof.report.entries import ALL_VALID, VALIDATE, Entry, entries
from calotype.roof.report.style import harmless
from calotype.roof.report.text import count_text

LONGEST = 500
"""Letters of a cell: a summary is for a look, and the rest stands in the log."""
SHOWN = 20
"""Rows in view; more are folded away."""
LARGEST = 1024 * 1024
"""Bytes that GitHub takes for a summary; what is longer it refuses whole."""

_HEAD = ("| | what | where |", "| --- | --- | --- |")


def summary(outcome: Outcome, title: str = "calotype check") -> str:
    """Counts, then what is wrong, worst first."""
    report = entries(outcome)
    head = [f"### {title}", "", _tally(outcome, report, title), ""]
    rows = [_row(entry) for entry in report]
    lines = [*head, *table(rows, LARGEST - sum(map(_bytes, head)) - 2000)]
    return "\n".join(lines) + "\n"


def _tally(outcome: Outcome, report: Sequence[Entry], title: str) -> str:
    if not report and title == VALIDATE:
        return f"{ALL_VALID.capitalize()}."
    if not report:
        return f"Everything is current: {count_text(outcome.up_to_date, 'image')}."
    counts = Counter(entry.diagnostic.code for entry in report)
    codes = ", ".join(f"**{count}** {code}" for code, count in counts.most_common())
    return f"{codes}." if title == VALIDATE else f"{codes}; {outcome.up_to_date} up to date."


def table(
    rows: Sequence[str], room: int, head: Sequence[str] = _HEAD, rest_is: str = "`calotype check` lists all",
) -> Iterator[str]:
    """Rows below a `head` of two lines, in at most `room` bytes: the first in view, more folded away, the rest
    counted."""
    if not rows:
        return
    yield from [*head, *rows[:SHOWN]]
    rest = list(fitting(rows[SHOWN:], room - sum(map(_bytes, rows[:SHOWN]))))
    if rest:
        yield from ["", f"<details><summary>{len(rest)} more</summary>", "", *head, *rest, "", "</details>"]
    left = len(rows) - SHOWN - len(rest)
    if left > 0:
        yield from ["", f"... and {left} more; {rest_is}."]


def fitting(rows: Sequence[str], room: int) -> Iterator[str]:
    """The first rows that take at most `room` bytes."""
    for row in rows:
        room -= _bytes(row)
        if room < 0:
            return
        yield row


def _bytes(line: str) -> int:
    return len(line.encode("utf-8", "surrogatepass")) + 1


def _row(entry: Entry) -> str:
    diagnostic = entry.diagnostic
    return f"| {diagnostic.severity}: {cell(diagnostic.code)} | {cell(diagnostic.message)} | {cell(entry.place)} |"


def cell(text: str) -> str:
    """Words that stay words in a table's cell, whatever they hold."""
    flat = " ".join(harmless(text).split())
    flat = flat if len(flat) <= LONGEST else f"{flat[:LONGEST]}…"
    for mark in "\\`*_{}[]<>|#~":
        flat = flat.replace(mark, f"\\{mark}")
    return flat
