"""What a check or a validation has to say, as one list for all machine formats. Must not know any format."""

from __future__ import annotations

from typing import Literal

from calotype.ground.diagnostics import Diagnostic
from calotype.ground.light_dataclass import dataclass
from calotype.project.outcome import Outcome

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")
RULES = {
    "stale": "The published image is not what its spec asks for.",
    "missing": "The image that a spec asks for is not published, or its file is gone.",
    "modified": "The published file was changed by hand.",
    "awaiting": "A human has to pick among the candidates.",
}
"""What each state of a target means that is not up to date."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to tell. `code` is a diagnostic's code or a target's state; `file` is relative to the project,
    `line` and `column` from 1; `target` is None for what concerns no single image."""

    level: Level
    code: str
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    target: str | None = None


def entries(outcome: Outcome) -> list[Entry]:
    """Diagnostics and targets, worst first; within a level in the order in which they were found."""
    found = [_of_diagnostic(one) for one in outcome.diagnostics]
    for one in outcome.targets:
        level: Level = "warning" if one.status == "awaiting" else "error"
        message = f"{one.target} is {one.status}" + (f": {one.reason}" if one.reason else "")
        found.append(Entry(level, one.status, message, one.file, one.line, None, _mend(one.status), one.target))
    return sorted(found, key=lambda one: LEVELS.index(one.level))


def _of_diagnostic(one: Diagnostic) -> Entry:
    level: Level = one.severity if one.severity in LEVELS else "note"
    return Entry(level, one.code, one.message, one.file, one.line, one.column, one.hint)


def _mend(status: str) -> str:
    return "calotype pick" if status == "awaiting" else "run `calotype build` and commit content/"
