"""Values as a page says them: counts, names in words, what differs between two texts. Must not know HTML."""

from __future__ import annotations

import json
import re
from typing import Any

_WORDS = re.compile(r"\s+|[^\s]+")
MOST_WORDS = 2000
"""Longer texts are shown whole, old and new: to compare them word by word would take seconds."""


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


def title_words(name: str) -> str:
    return words(name).capitalize()


def difference(old: Any, new: Any) -> list[tuple[str, str]]:
    """What two values have in common and what not: ("same" | "old" | "new", text), in reading order."""
    before, after = _text(old), _text(new)
    if not (isinstance(old, str) and isinstance(new, str)):
        return [(kind, text) for kind, text in (("old", before), ("new", after)) if text]
    a, b = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(a), len(b)) > MOST_WORDS:
        return [("old", before), ("new", after)]
    from difflib import SequenceMatcher

    parts: list[tuple[str, str]] = []
    for kind, i, j, m, n in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(("same", "".join(a[i:j])))
            continue
        parts += [(name, text) for name, text in (("old", "".join(a[i:j])), ("new", "".join(b[m:n]))) if text]
    return parts


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
