"""Many targets with one cause as few rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from calotype.ground.target_names import spec_key_of
from calotype.project.outcome import TargetOutcome

_LINE = re.compile(r"(?<=\.yaml):\d+(?=\))")
"""Where in its file a reason was decided: what is asked for many times in one spec stands on many lines."""
ALIKE = 4
"""Targets of one spec that failed for one reason: so many say it once."""
Row = tuple[str, str, str]
"""Status, what it is about, and the reason."""


def row_of(target: TargetOutcome) -> Row:
    return target.status, target.target, target.reason


def folded(targets: Sequence[TargetOutcome], most: int) -> list[Row]:
    """`targets` as they are where there are no more than `most`, but ALIKE or more that failed of one spec for one
    reason as one row; else all of one spec with one reason; and where these are too many as well, all with one
    reason."""
    failures = Counter((_spec_of(target), target.reason) for target in targets if target.status == "failed")
    many = {cause for cause, count in failures.items() if count >= ALIKE}
    rows = list(map(row_of, targets))
    if many or len(rows) > most:
        rows = _together(
            targets, lambda target: _spec_of(target) if len(targets) > most or (
                target.status == "failed" and (_spec_of(target), target.reason) in many) else target.target,
            lambda group: f"{_spec_of(group[0])} ({len(group)} targets)")
    if len(rows) > most:
        rows = _together(targets, lambda target: "", lambda group: f"{group[0].target} and {len(group) - 1} more")
    return rows


def _together(
    targets: Sequence[TargetOutcome], key: Callable[[TargetOutcome], str], name: Callable[[list[TargetOutcome]], str]
) -> list[Row]:
    groups: dict[Row, list[TargetOutcome]] = {}
    for target in targets:
        groups.setdefault((target.status, key(target), _LINE.sub("", target.reason)), []).append(target)
    return [
        (status, name(group) if len(group) > 1 else group[0].target, _reason(group, reason))
        for (status, _, reason), group in groups.items()
    ]


def _reason(group: Sequence[TargetOutcome], unplaced: str) -> str:
    """That of all, with its line where that is the same for all."""
    return group[0].reason if len({target.reason for target in group}) == 1 else unplaced


def _spec_of(target: TargetOutcome) -> str:
    return spec_key_of(target.target)
