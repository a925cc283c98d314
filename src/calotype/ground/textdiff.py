"""What differs between two values, word by word. Must not know how it is shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

MOST = 1_000_000
"""Pairs of words compared; more would take seconds."""

Run = tuple[str, Sequence[str], Sequence[str]]
"""("same" | "changed", words before, words after)."""


def runs(before: Sequence[str], after: Sequence[str]) -> list[Run] | None:
    """What two sequences have in common and what not, in order; None where that is less than half, or where they are
    too long to be compared: such are better read whole."""
    if len(before) * len(after) > MOST:
        return None
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.5:
        return None
    return [("same" if tag == "equal" else "changed", before[i:j], after[k:m])
            for tag, i, j, k, m in matcher.get_opcodes()]


def words_of(value: Any) -> list[str]:
    """What is compared of a value: the words of a text, the items of a list, else all of it as JSON."""
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return value.split() if isinstance(value, str) else [] if value is None else [_json(value)]


def difference(old: Any, new: Any) -> list[tuple[str, str]]:
    """("same" | "old" | "new", text) in reading order; texts are taken as words with one blank between them."""
    before, after = words_of(old), words_of(new)
    alike = runs(before, after)
    steps: list[Run] = [("changed", before, after)] if alike is None else alike
    parts: list[tuple[str, str]] = []
    for change, a, b in steps:
        shown = [("same", a)] if change == "same" else [("old", a), ("new", b)]
        parts += [(kind, " ".join(words)) for kind, words in shown if words]
    return parts


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
