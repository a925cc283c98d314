"""The list of targets as a table. Must not know how a state is found."""

from __future__ import annotations

import sys
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
    """State, target and title; -v adds the asset's path, the renderer and the spec."""
    style = Style(sys.stdout)
    if not rows:
        return "no targets"
    heads = ["state", "target", "title"] + (["renderer", "candidates", "path", "spec"] if verbose else [])
    body = [[str(getattr(row, name)) for name in heads] for row in rows]
    widths = [max(cells(line[column]) for line in [heads, *body]) for column in range(len(heads))]
    lines = [style.paint(_join(heads, widths, style, verbose), "dim")]
    lines += [
        style.paint(_join(line, widths, style, verbose), COLOURS.get(line[0], "plain")) for line in body
    ]
    return "\n".join([*lines, style.paint(count_text(len(rows), "target"), "dim")])


def _join(line: Sequence[str], widths: Sequence[int], style: Style, verbose: bool) -> str:
    text = "  ".join(
        cell + " " * (width - cells(cell)) for cell, width in zip(line, widths, strict=True)
    ).rstrip()
    return text if verbose else _cut(text, style.width)


def _cut(text: str, width: int) -> str:
    return text if cells(text) <= width else text[: width - 1] + "…"
