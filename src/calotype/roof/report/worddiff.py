"""Two texts as the words that differ, with a few around them."""

from __future__ import annotations

from collections.abc import Sequence

from calotype.ground.textdiff import runs
from calotype.roof.report.flow import Word

AROUND = 4
"""Words of context on each side of a change."""
LEFT_OUT = "…"


def word_diff(before: Sequence[str], after: Sequence[str]) -> list[Word] | None:
    """`… balanced over [-the shoulders-] {+both feet+} and …`; None where the texts have too little in common."""
    steps = runs(before, after)
    if steps is None:
        return None
    words: list[Word] = []
    for at, (kind, old, new) in enumerate(steps):
        if kind == "same":
            words += [(word, "dim") for word in _context(old, at == 0, at == len(steps) - 1)]
            continue
        words += [(word, "red") for word in _marked("[-", old, "-]")]
        words += [(word, "green") for word in _marked("{+", new, "+}")]
    return words


def _context(words: Sequence[str], first: bool, last: bool) -> Sequence[str]:
    """The words nearest to a change; of those that begin or end the text, only one side has one."""
    if first:
        return words if len(words) <= AROUND + 1 else [LEFT_OUT, *words[-AROUND:]]
    if last:
        return words if len(words) <= AROUND + 1 else [*words[:AROUND], LEFT_OUT]
    return words if len(words) <= 2 * AROUND + 1 else [*words[:AROUND], LEFT_OUT, *words[-AROUND:]]


def _marked(opening: str, words: Sequence[str], closing: str) -> list[str]:
    return f"{opening}{' '.join(words)}{closing}".split(" ") if words else []
