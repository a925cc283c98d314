"""The list of targets as a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, TextIO

from calotype.ground.light_dataclass import replace
from calotype.roof.report.style import UNCUT, Style, cells, clip, elide, harmless, pad
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
_PICTURE = re.compile(r"characters/[^/]+/variations/.+_\d\d")
"""One of several pictures of a variation."""
SHORTEST_TITLE = 12
"""Columns that a title keeps beside a long target."""


def table(every: Sequence[TargetRow], *, verbose: bool, stream: TextIO) -> str:
    """State, target and title, cut to the width of a terminal, where pictures of one variation that stand alike share
    a line, and a title that all have gives way; -v adds all else and cuts nothing."""
    style = Style(stream)
    if not every:
        return "no targets"
    rows = every if verbose or style.width == UNCUT else list(_together(every))
    heads = [*HEADS, *(MORE if verbose else ())]
    body = [
        (_state(row), row.target, harmless(row.title), *(str(getattr(row, name)) for name in MORE if verbose))
        for row in rows
    ]
    widths = [max(map(cells, column)) for column in zip(heads, *body, strict=True)]
    if not verbose and sum(widths) + 2 * len(GAP) > style.width:
        fitted = _fitted(widths, style.width)
        if fitted[1] < widths[1] and len({row.title for row in rows}) == 1:
            fitted, heads, body = _fitted([*widths[:2], 0], style.width), [*heads[:2], ""], [
                (state, target, "") for state, target, _ in body]
        widths, heads = fitted, list(map(clip, heads, fitted))
        body = [(state, elide(target, widths[1]), clip(title, widths[2])) for state, target, title in body]
    lines = [style.paint(GAP.join(_padded(heads, widths)).rstrip(), "dim")]
    for row, line in zip(rows, body, strict=True):
        state, *rest = _padded(line, widths)
        lines.append(GAP.join([style.paint(state, COLOURS.get(row.state, "plain")), *rest]).rstrip())
        indent = " " * (widths[0] + len(GAP))
        lines += [indent + style.paint(note if verbose else clip(note, style.width - len(indent)), "dim")
                  for note in _notes(row)]
    more = style.paint(" (-v names each)", "dim") if len(rows) < len(every) else ""
    return "\n".join([*lines, style.paint(_tally(every), "bold") + more])


def _together(rows: Sequence[TargetRow]) -> Iterator[TargetRow]:
    """As `rows`; pictures of one variation that stand alike, with nothing said below them, as one whose target is the
    glob that means them: `characters/leo/variations/row_0[1-4]`."""
    for _, group in groupby(rows, _alike):
        first, *others = group
        name, start, end = first.target[:-1], first.target[-1], [first, *others][-1].target[-1]
        if others and int(end) - int(start) == len(others):
            yield replace(first, target=f"{name}[{start}-{end}]")
        else:
            yield from (first, *others)


def _alike(row: TargetRow) -> tuple[str, ...]:
    """What rows have in common that stand together: the ten that they are of, too, so a glob means them alone."""
    is_plain = _PICTURE.fullmatch(row.target) and not row.rejected and not row.curation_reason
    name = row.target[:-1] if is_plain else row.target
    return (name, row.state, row.decision, row.curation, row.title)


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
