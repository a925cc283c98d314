"""Why a target renders, as a small diff. Must not find the reasons."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from calotype.ground.textdiff import difference
from calotype.roof.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calotype.build.answers import Change, Explanation

SHORT = 60
"""Longer texts are told word by word."""
AROUND = 5
"""Words shown on either side of a change."""


def describe(one: Explanation) -> str:
    style = Style(sys.stdout)
    reason = f" — {one.reason}" if one.reason and not one.changes else ""
    lines = [f"{style.paint(one.target, 'bold')}: {one.status.replace('_', ' ')}{reason}", *_diff(one.changes, style)]
    if one.last_build:
        lines += ["", style.paint("the last build that rendered it:", "bold"), *_diff(one.last_build, style)]
    lines += ["", style.paint(f"key {one.key}", "dim")]
    return "\n".join(lines)


def _diff(changes: Sequence[Change], style: Style) -> list[str]:
    lines = []
    for change in changes:
        place = "  " + ":".join(str(part) for part in (change.file, change.line) if part)
        lines.append(f"  {style.paint(change.field, 'bold')}{style.paint(place.rstrip(), 'dim')}")
        old, new = _value(change.old), _value(change.new)
        if max(len(old), len(new)) > SHORT and isinstance(change.old, str) and isinstance(change.new, str):
            lines.append(f"  ~ {_words(old, new, style)}")
        else:
            lines += [style.paint(f"  - {old}", "red"), style.paint(f"  + {new}", "green")]
    return lines


def _words(old: str, new: str, style: Style) -> str:
    """Two long texts in one, as `git diff --word-diff` writes it; of what both have only the nearest words."""
    parts = difference(old, new)
    text = ""
    for at, (kind, part) in enumerate(parts):
        if kind == "old":
            text += style.paint(f"[-{part}-]", "red")
        elif kind == "new":
            text += style.paint(f"{{+{part}+}}", "green")
        else:
            text += _near(part, first=at == 0, last=at == len(parts) - 1)
    return text


def _near(text: str, first: bool, last: bool) -> str:
    """The words of a common part that stand beside a change."""
    words = text.split(" ")
    kept = AROUND + (0 if first or last else AROUND)
    if len(words) <= kept + 1:
        return text
    before, after = words[:0 if first else AROUND], words[len(words) if last else -AROUND:]
    return " ".join([*before, "…", *after])


def _value(value: Any) -> str:
    if value is None:
        return "(none)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
