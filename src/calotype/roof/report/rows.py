"""The list of targets as a table. Must not know how a state is found."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from calotype.roof.report.style import Style, cells
from calotype.roof.report.text import count_text

if TYPE_CHECKING:
    from calotype.build.answers import TargetRow

COLOURS = {
    "up_to_date": "green",
    "failed": "red",
    "stale": "yellow",
    "missing": "yellow",
    "modified": "red",
    "awaiting": "magenta",
}


def table(rows: Sequence[TargetRow], *, verbose: bool) -> str:
    """State, target and title; -v adds the asset's path, the renderer and the spec. On a terminal lines are cut to its
    width, in a file or a pipe never."""
    style = Style(sys.stdout)
    if not rows:
        return "no targets"
    heads = ["state", "target", "title"] + (["renderer", "candidates", "path", "spec"] if verbose else [])
    body = [[_cell(row, name) for name in heads] for row in rows]
    widths = [max(cells(line[column]) for line in [heads, *body]) for column in range(len(heads))]
    width = style.width if sys.stdout.isatty() and not verbose else None
    lines = [style.paint(_join(heads, widths, width), "dim")]
    for row, line in zip(rows, body, strict=True):
        state, rest = line[0].ljust(widths[0]), _join(line, widths, width)[widths[0]:]
        lines.append(style.paint(state, COLOURS.get(row.state, "plain")) + rest)
    return "\n".join([*lines, style.paint(_summary(rows), "dim")])


def _cell(row: TargetRow, name: str) -> str:
    return str(getattr(row, name)).replace("_", " ") if name == "state" else str(getattr(row, name))


def _join(line: Sequence[str], widths: Sequence[int], width: int | None) -> str:
    text = "  ".join(
        cell + " " * (width - cells(cell)) for cell, width in zip(line, widths, strict=True)
    ).rstrip()
    return text if width is None or cells(text) <= width else text[: width - 1] + "…"


def _summary(rows: Sequence[TargetRow]) -> str:
    """`41 targets: 39 up to date, 1 stale, 1 awaiting`."""
    counts = Counter(row.state for row in rows)
    return f"{count_text(len(rows), 'target')}: " + ", ".join(
        f"{many} {state.replace('_', ' ')}" for state, many in counts.most_common())
