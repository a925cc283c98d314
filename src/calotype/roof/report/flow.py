"""Words set in lines of a terminal's width, each in its colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from calotype.roof.report.style import Style, cells

Word = tuple[str, str]
"""A word and its looks, with blanks between them."""


def flowed(words: Sequence[Word], style: Style, width: int, indent: str = "") -> Iterator[str]:
    """`words` as lines of at most `width` columns, all but the first indented; a word that is longer stands alone."""
    line: list[Word] = []
    used = 0
    for word, looks in words:
        if line and used + 1 + cells(word) > width:
            yield _painted(line, style)
            line, used, word = [], 0, indent + word
        used += cells(word) + bool(line)
        line.append((word, looks))
    if line:
        yield _painted(line, style)


def _painted(line: Sequence[Word], style: Style) -> str:
    """Neighbours of one look are painted in one stroke."""
    return " ".join(
        style.paint(" ".join(word for word, _ in run), *looks.split())
        for looks, run in groupby(line, key=lambda word: word[1])
    )
