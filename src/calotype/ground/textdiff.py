"""What differs between two values, word by word. Must not know how it is shown."""

from __future__ import annotations

import json
import re
from typing import Any

_WORDS = re.compile(r"\s+|\S+")
MOST_WORDS = 2000
"""Longer texts are shown whole, old and new: to compare them word by word would take seconds."""


def difference(old: Any, new: Any) -> list[tuple[str, str]]:
    """What two values have in common and what not: ("same" | "old" | "new", text), in reading order. Two texts are
    compared word by word, any other values as a whole."""
    before, after = _text(old), _text(new)
    if not (isinstance(old, str) and isinstance(new, str)):
        return [(kind, text) for kind, text in (("old", before), ("new", after)) if text]
    a, b = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(a), len(b)) > MOST_WORDS:
        return [("old", before), ("new", after)]
    return _merged(_runs(a, b))


def _runs(a: list[str], b: list[str]) -> list[tuple[str, str]]:
    """(old, new) in turn; the same text twice is what both have."""
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return [("".join(a[i:j]), "".join(b[m:n])) for _, i, j, m, n in matcher.get_opcodes()]


def _merged(runs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Words that changed side by side are one change, the space between them included."""
    parts: list[tuple[str, str]] = []
    old = new = ""
    for at, (before, after) in enumerate(runs):
        inside = before.isspace() and 0 < at < len(runs) - 1
        if before != after or inside:
            old, new = old + before, new + after
            continue
        parts += [(kind, text) for kind, text in (("old", old), ("new", new)) if text]
        parts.append(("same", before))
        old = new = ""
    return parts + [(kind, text) for kind, text in (("old", old), ("new", new)) if text]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
