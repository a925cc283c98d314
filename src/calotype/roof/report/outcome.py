"""A plan, a build or a check as text: one summary line, then one a target. Must not judge the outcome."""

from __future__ import annotations

from collections import Counter
from typing import TextIO

from calotype.build.outcome import Outcome, TargetOutcome
from calotype.roof.report.style import Style, clip
from calotype.roof.report.text import count_text, seconds_text

CAP = 20
"""Target lines shown without -v."""
COLOURS = {
    "render": "green",
    "rendered": "green",
    "cached": "green",
    "restored": "green",
    "removed": "yellow",
    "failed": "red",
    "skipped": "yellow",
    "awaiting": "magenta",
    "stale": "red",
    "missing": "red",
    "modified": "red",
}
URGENT = ("failed", "modified", "missing", "stale", "awaiting", "skipped")
"""What a person must see is listed first, so that the cap never hides it behind what went well."""
ORDER = (*URGENT, "removed", "restored", "cached", "rendered", "render")


def summary(outcome: Outcome, verb: str, *, verbose: bool, stream: TextIO) -> str:
    """`verb` is plan, build or check. Lines fit the terminal (80 columns where there is none)."""
    style = Style(stream)
    targets = sorted(outcome.targets, key=lambda one: _rank(one.status))
    shown = targets if verbose else targets[:CAP]
    lines = [_line(one, style, verbose) for one in shown]
    if len(shown) < len(targets):
        lines.append(style.paint(f"... and {len(targets) - len(shown)} more (-v shows them)", "dim"))
    return "\n".join([*lines, _tally(outcome, verb, style)])


def _line(one: TargetOutcome, style: Style, verbose: bool) -> str:
    """`rendered  exercises/chin_tuck/01 — seed: 42 -> 43`, the reason cut to the width unless -v."""
    status = style.paint(f"{one.status:<9}", COLOURS.get(one.status, "bold"))
    reason = one.reason if verbose else clip(one.reason, max(style.width - 13 - len(one.target), 16))
    return (
        f"{status} {one.target} " + style.paint(f"— {reason}", "dim") if reason else f"{status} {one.target}"
    )


def _tally(outcome: Outcome, verb: str, style: Style) -> str:
    parts = {"plan": _planned, "build": _built, "check": _checked}[verb](outcome)
    looks = ("bold", "red") if outcome.exit_code == 1 else ("bold",)
    return style.paint(", ".join(parts), *looks) + style.paint(f" ({seconds_text(outcome.seconds)})", "dim")


def _planned(outcome: Outcome) -> list[str]:
    parts = (
        [f"{count_text(outcome.renders, 'image')} to render"] if outcome.renders else ["nothing to render"]
    )
    return parts + _rest(outcome)


def _built(outcome: Outcome) -> list[str]:
    parts = [f"{count_text(outcome.renders, 'image')} rendered"] if outcome.renders else ["nothing rendered"]
    return parts + _rest(outcome)


def _checked(outcome: Outcome) -> list[str]:
    counts = Counter(one.status for one in outcome.targets)
    parts = [f"{counts[status]} {status}" for status in ORDER if counts[status]]
    return [*parts, f"{outcome.up_to_date} up to date"]


def _rest(outcome: Outcome) -> list[str]:
    restored = sum(one.status == "restored" for one in outcome.targets)
    named = {
        "failed": outcome.failed,
        "awaiting a decision": outcome.awaiting,
        "from the cache": outcome.cache_hits,
        "restored": restored,
        "removed": outcome.removed,
        "up to date": outcome.up_to_date,
    }
    return [f"{count} {name}" for name, count in named.items() if count]


def _rank(status: str) -> int:
    return ORDER.index(status) if status in ORDER else len(ORDER)
