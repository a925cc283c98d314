"""Diagnostics as a compiler prints them: place, source line, caret, hint."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from calotype.ground.diagnostics import Diagnostic, Severity
from calotype.ground.files import read_file
from calotype.ground.paths import inside
from calotype.roof.report.flow import Word, flowed
from calotype.roof.report.style import Style, cells, harmless
from calotype.roof.report.text import count_text

COLOURS: dict[Severity, str] = {"error": "red", "warning": "yellow", "note": "cyan"}
"""The severities, worst first."""
OF_TARGETS = re.compile(r"(?:render|enhance|condition|score|identity)-failed")
"""Codes of actions that failed, whose messages begin with a target."""
LARGEST_SOURCE = 2**21
"""Bytes. A file beyond this is not read only to show a line of it."""
LONGEST_LINE = 160
GUTTER = 8
"""Columns before a source line."""
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
MOST = 50
"""Diagnostics that people get at once: more would only scroll the first away."""


def show(diagnostics: Sequence[Diagnostic], root: Path | None, stream: TextIO, *, verbose: bool = False) -> str:
    """All of `diagnostics` as text for `stream`, file by file, with source lines where they can be read under `root`.

    At most MOST of them, the worst, and a count of the rest; -v shows all, and machines have formats of their own.
    """
    style = Style(stream)
    shown, left = _worst(list(_grouped(diagnostics)), len(diagnostics) if verbose else MOST)
    files: dict[str, list[str]] = {}
    sources: dict[str, list[str]] = {}
    for diagnostic, others in shown:
        lines = files.setdefault(diagnostic.file or "", [])
        lines += _lines(diagnostic, root, style, sources)
        if others:
            lines.append(style.paint(f"  ... and {others} more for the same reason", "dim"))
    parts = ["\n".join(lines) for lines in files.values()]
    if left:
        parts.append(style.paint(f"... and {left} more (-v shows them)", "dim"))
    return "\n\n".join(parts)


def tally(diagnostics: Iterable[Diagnostic]) -> str:
    """`16 errors and 2 warnings in 5 files`; empty where there is nothing."""
    every = list(diagnostics)
    counts = Counter(diagnostic.severity for diagnostic in every)
    phrases = [count_text(counts[level], level) for level in COLOURS if counts[level]]
    files = len({diagnostic.file for diagnostic in every if diagnostic.file})
    return " and ".join(phrases) + (f" in {count_text(files, 'file')}" if files > 1 else "")


def _worst(groups: list[tuple[Diagnostic, int]], most: int) -> tuple[list[tuple[Diagnostic, int]], int]:
    """At most `most` of them, errors before warnings, in the order in which they came; and how many are left out."""
    if len(groups) <= most:
        return groups, 0
    ranks = list(COLOURS)
    worst = sorted(range(len(groups)), key=lambda index: ranks.index(groups[index][0].severity))[:most]
    return [groups[index] for index in sorted(worst)], len(groups) - most


def _grouped(diagnostics: Sequence[Diagnostic]) -> Iterator[tuple[Diagnostic, int]]:
    """Each diagnostic, and how many others say the same of other targets: one cause may fail a thousand images."""
    groups: dict[object, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        cause = diagnostic.message.partition(": ")[2] if OF_TARGETS.fullmatch(diagnostic.code) else ""
        groups.setdefault((diagnostic.code, cause, diagnostic.hint) if cause else diagnostic, []).append(diagnostic)
    yield from ((group[0], len(group) - 1) for group in groups.values())


def _lines(diagnostic: Diagnostic, root: Path | None, style: Style, sources: dict[str, list[str]]) -> list[str]:
    place = ":".join(str(part) for part in (diagnostic.file, diagnostic.line, diagnostic.column) if part is not None)
    first, *rest = diagnostic.message.splitlines() or [""]
    words = [(harmless(f"{place}:"), "bold")] if place else []
    words.append((f"{diagnostic.severity}[{diagnostic.code}]:", f"bold {COLOURS[diagnostic.severity]}"))
    words += _words(first, "bold")
    hint = [("  hint:", "green"), *_words(diagnostic.hint)] if diagnostic.hint else []
    return [
        *flowed(words, style, style.width, "  "),
        *(f"  {harmless(line)}" for line in rest),
        *_frame(diagnostic, root, style, sources),
        *flowed(hint, style, style.width, "        "),
    ]


def _words(text: str, look: str = "") -> list[Word]:
    return [(word, look) for word in harmless(text).split()]


def _frame(diagnostic: Diagnostic, root: Path | None, style: Style, sources: dict[str, list[str]]) -> list[str]:
    """The source line with its number, and a caret under each letter of what the message quotes."""
    if root is None or diagnostic.file is None or diagnostic.line is None:
        return []
    if diagnostic.file not in sources:
        sources[diagnostic.file] = _read_lines(root, diagnostic.file)
    lines = sources[diagnostic.file]
    if not 1 <= diagnostic.line <= len(lines):
        return []
    column = diagnostic.column or 1
    text, offset = _window(lines[diagnostic.line - 1], column, max(min(LONGEST_LINE, style.width - GUTTER), GUTTER))
    frame = [style.paint(f"{diagnostic.line:>5} | ", "blue") + text]
    if diagnostic.column is not None:
        before, rest = text[: column - 1 - offset], text[column - 1 - offset :]
        quoted = rest[: _length(rest, diagnostic.message)] or " "
        carets = style.paint("^" * cells(quoted), "bold", COLOURS[diagnostic.severity])
        frame += [style.paint("      | ", "blue") + " " * cells(before) + carets]
    return frame


def _length(text: str, message: str) -> int:
    """How much of the beginning of `text` the message speaks of: what it quotes there, else a number, else a letter."""
    quote = 1 if text[:1] in ("'", '"') else 0
    named = (word for word in message.split("`")[1::2] if text.startswith(word, quote))
    longest = len(max(named, key=len, default=""))
    number = _NUMBER.match(text)
    return longest + 2 * quote if longest else len(number[0]) if number is not None else 1


def _window(line: str, column: int, width: int) -> tuple[str, int]:
    """The part of a line to show, with `…` where it is cut, and how much its columns are moved.

    `width` counts letters; wide ones may still run over.
    """
    start = 0 if len(line) <= width else max(0, min(column - width // 2, len(line) - width))
    shown = harmless(line[start : start + width])
    if start:
        shown = "…" + shown[1:]
    return (shown if start + width >= len(line) else shown[:-1] + "…"), start


def _read_lines(root: Path, file: str) -> list[str]:
    """The lines of a file of the project; none of what lies outside it, or is no file: that is not to be shown."""
    try:
        data, _ = read_file(inside(root, file), LARGEST_SOURCE + 1)
    except (OSError, ValueError):
        return []
    return [] if len(data) > LARGEST_SOURCE else data.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
