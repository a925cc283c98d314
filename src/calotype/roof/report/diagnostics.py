"""Diagnostics as a compiler prints them: place, source line, caret, hint. Must not know who found them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from calotype.ground.diagnostics import Diagnostic
from calotype.roof.report.style import Style, cells

COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}
SAID_OF_TARGETS = ("render-failed",)
"""Codes whose messages begin with a target."""
LARGEST_SOURCE = 2**21
"""Bytes. A file beyond this is not read only to show a line of it."""
LONGEST_LINE = 160


def show(diagnostics: Sequence[Diagnostic], root: Path | None, stream: TextIO) -> str:
    """All of `diagnostics` as text for `stream`, with source lines where they can be read under `root`. One that takes
    several lines stands apart from the one before."""
    style = Style(stream)
    sources: dict[str, list[str]] = {}
    lines: list[str] = []
    for one, others in _grouped(diagnostics):
        block = _lines(one, root, style, sources)
        lines += ["", *block] if lines and len(block) > 1 else block
        if others:
            lines.append(style.paint(f"  ... and {others} more for the same reason", "dim"))
    return "\n".join(lines)


def _grouped(diagnostics: Sequence[Diagnostic]) -> Iterator[tuple[Diagnostic, int]]:
    """Each diagnostic, and how many others say the same of other targets: one cause may fail a thousand images."""
    groups: dict[object, list[Diagnostic]] = {}
    for one in diagnostics:
        told = one.message.partition(": ")[2] if one.code in SAID_OF_TARGETS else ""
        groups.setdefault((one.code, told, one.hint) if told else one, []).append(one)
    yield from ((found[0], len(found) - 1) for found in groups.values())


def _lines(one: Diagnostic, root: Path | None, style: Style, sources: dict[str, list[str]]) -> list[str]:
    place = ":".join(str(part) for part in (one.file, one.line, one.column) if part is not None)
    label = style.paint(f"{one.severity}[{one.code}]:", "bold", COLOURS[one.severity])
    first, *rest = one.message.splitlines() or [""]
    head = f"{style.paint(f'{place}:', 'bold')} {label}" if place else label
    lines = [f"{head} {style.paint(first, 'bold')}", *(f"  {line}" for line in rest)]
    lines += _frame(one, root, style, sources)
    if one.hint:
        lines += [f"  {style.paint('hint:', 'green')} {one.hint}"]
    return lines


def _frame(one: Diagnostic, root: Path | None, style: Style, sources: dict[str, list[str]]) -> list[str]:
    """The source line with its number, and a caret under the column."""
    if root is None or one.file is None or one.line is None:
        return []
    if one.file not in sources:
        sources[one.file] = _read_lines(root / one.file)
    lines = sources[one.file]
    if not 1 <= one.line <= len(lines):
        return []
    column = one.column or 1
    text, offset = _window(lines[one.line - 1], column)
    gutter = style.paint(f"{one.line:>5} | ", "blue")
    frame = [f"{gutter}{text}"]
    if one.column is not None:
        before = text[: column - 1 - offset]
        caret = style.paint("^", "bold", COLOURS[one.severity])
        frame += [style.paint("      | ", "blue") + " " * cells(before) + caret]
    return frame


def _window(line: str, column: int) -> tuple[str, int]:
    """The part of a line to show, control characters made harmless, and how much was cut from its start."""
    start = 0 if len(line) <= LONGEST_LINE else max(0, column - LONGEST_LINE // 2)
    shown = line[start : start + LONGEST_LINE]
    return "".join(one if one.isprintable() else " " for one in shown), start


def _read_lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > LARGEST_SOURCE:
            return []
        return path.read_text(encoding="utf-8", errors="replace").removeprefix("\ufeff").split("\n")
    except OSError:
        return []
