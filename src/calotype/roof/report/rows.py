"""The list of targets as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TextIO

from calotype.roof.report.style import Style, cells, clip, elide, harmless, pad
from calotype.roof.report.text import count_text

if TYPE_CHECKING:
    from calotype.project.answers import TargetRow

COLOURS = {
    "up_to_date": "green",
    "stale": "yellow",
    "missing": "yellow",
    "modified": "red",
    "awaiting": "magenta",
    "not_built": "dim",
}
"""The states, in the order in which they are counted."""
HEADS = ("state", "target", "title")
GAP = "  "
MORE = ("renderer", "candidates", "path", "spec")
SHORTEST_TITLE = 12
"""Columns that a title keeps beside a long target."""


def table(rows: Sequence[TargetRow], *, verbose: bool, stream: TextIO) -> str:
    """State, target and title, cut to the width of a terminal; -v adds all else and cuts nothing."""
    style = Style(stream)
    if not rows:
        return "no targets"
    heads = [*HEADS, *(MORE if verbose else ())]
    body = [
        (_state(row), row.target, harmless(row.title), *(str(getattr(row, name)) for name in MORE if verbose))
        for row in rows
    ]
    widths = [max(map(cells, column)) for column in zip(heads, *body, strict=True)]
    if not verbose and sum(widths) + 2 * len(GAP) > style.width:
        widths = _fitted(widths, style.width)
        heads = list(map(clip, heads, widths))
        body = [(state, elide(target, widths[1]), clip(title, widths[2])) for state, target, title in body]
    lines = [style.paint(GAP.join(_padded(heads, widths)), "dim")]
    for row, line in zip(rows, body, strict=True):
        state, *rest = _padded(line, widths)
        lines.append(GAP.join([style.paint(state, COLOURS.get(row.state, "plain")), *rest]).rstrip())
        indent = " " * (widths[0] + len(GAP))
        lines += [indent + style.paint(note if verbose else clip(note, style.width - len(indent)), "dim")
                  for note in _notes(row)]
    return "\n".join([*lines, style.paint(_tally(rows), "bold")])


def _notes(row: TargetRow) -> Iterator[str]:
    """What a target awaits, and what people said of it, below its line."""
    if row.state == "awaiting" and row.reason and not row.rejected:
        yield harmless(row.reason)
    for rejection in row.rejected:
        yield f"rejected: {harmless(str(rejection))}"
    if row.curation in ("fallen-out", "contradicting"):
        reason = harmless(row.curation_reason)
        yield f"{reason}: calotype include {row.target}, or exclude"
    elif row.curation_reason:
        yield f"{row.curation}: {harmless(row.curation_reason)}"


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    """The cells of one line in their columns; nothing follows the last."""
    return [*map(pad, line[:-1], widths), line[-1]]


def _fitted(widths: Sequence[int], width: int) -> list[int]:
    """The columns' widths on a terminal: titles give way before targets."""
    state, target, title = widths
    room = max(width - state - 2 * len(GAP), 2)
    target = min(target, max(room - min(title, SHORTEST_TITLE), room // 2))
    return [state, target, room - target]


def _tally(rows: Sequence[TargetRow]) -> str:
    """`40 targets: 38 up to date, 2 stale`."""
    counts = Counter(row.state for row in rows)
    parts = [f"{counts[state]} {_words(state)}" for state in COLOURS if counts[state]]
    return f"{count_text(len(rows), 'target')}: {', '.join(parts)}"


def _state(row: TargetRow) -> str:
    """`awaiting, stale approved`; `up to date, included`."""
    parts = (row.state, row.decision.replace("-", " "), row.curation.replace("-", " "))
    return ", ".join(_words(part) for part in parts if part)


def _words(state: str) -> str:
    return state.replace("_", " ")
