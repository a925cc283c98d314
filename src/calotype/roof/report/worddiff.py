"""Two texts as the words that differ, with a few around them. Must not know what a word is, nor whose text it is."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from calotype.roof.report.flow import Word

AROUND = 4
"""Words of context on each side of a change."""
LEFT_OUT = "…"
MOST = 1_000_000
"""Pairs of words compared; beyond it, or where less than half is common, both texts are shown whole."""


def word_diff(before: Sequence[str], after: Sequence[str]) -> list[Word] | None:
    """`… balanced over [-the shoulders-] {+both feet+} and …`; None where the texts have too little in common."""
    if len(before) * len(after) > MOST:
        return None
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.5:
        return None
    found: list[Word] = []
    steps = matcher.get_opcodes()
    for step in steps:
        what, i, j, k, m = step
        if what == "equal":
            found += [(word, "dim") for word in _context(before[i:j], step is steps[0], step is steps[-1])]
            continue
        found += [(word, "red") for word in _marked("[-", before[i:j], "-]")]
        found += [(word, "green") for word in _marked("{+", after[k:m], "+}")]
    return found


def _context(words: Sequence[str], first: bool, last: bool) -> Sequence[str]:
    """The words nearest to a change; of those that begin or end the text, only one side has one."""
    if first:
        return words if len(words) <= AROUND + 1 else [LEFT_OUT, *words[-AROUND:]]
    if last:
        return words if len(words) <= AROUND + 1 else [*words[:AROUND], LEFT_OUT]
    return words if len(words) <= 2 * AROUND + 1 else [*words[:AROUND], LEFT_OUT, *words[-AROUND:]]


def _marked(opening: str, words: Sequence[str], closing: str) -> list[str]:
    return f"{opening}{' '.join(words)}{closing}".split(" ") if words else []
