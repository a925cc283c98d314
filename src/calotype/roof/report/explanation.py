"""Why a target renders, as a small diff. Must not find the reasons."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from calotype.roof.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calotype.build.answers import Change, Explanation


def describe(one: Explanation) -> str:
    style = Style(sys.stdout)
    reason = f" — {one.reason}" if one.reason and not one.changes else ""
    lines = [f"{style.paint(one.target, 'bold')}: {one.status}{reason}", *_diff(one.changes, style)]
    if one.last_build:
        lines += ["", style.paint("the last build that rendered it:", "bold"), *_diff(one.last_build, style)]
    lines += ["", style.paint(f"key {one.key}", "dim")]
    return "\n".join(lines)


def _diff(changes: Sequence[Change], style: Style) -> list[str]:
    lines = []
    for change in changes:
        place = "  " + ":".join(str(part) for part in (change.file, change.line) if part)
        lines += [
            f"  {style.paint(change.field, 'bold')}{style.paint(place.rstrip(), 'dim')}",
            style.paint(f"  - {_value(change.old)}", "red"),
            style.paint(f"  + {_value(change.new)}", "green"),
        ]
    return lines


def _value(value: Any) -> str:
    if value is None:
        return "(none)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
