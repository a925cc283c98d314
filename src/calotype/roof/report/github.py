"""A check as GitHub Actions shows it: annotations, and a job summary for what does not fit. Must not know how to check.

GitHub shows at most ten annotations of a level from one step and drops the rest without a word, so the worst are
annotated and all are in the summary. https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from calotype.roof.report.located import LEVELS, Entry

MOST = 10
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def commands(found: Sequence[Entry], root: Path) -> str:
    """Workflow commands, the worst of each level; files as the repository names them."""
    prefix = prefix_of(root)
    lines: list[str] = []
    for level in LEVELS:
        lines += [_command(one, prefix) for one in found if one.level == level][:MOST]
    return "\n".join(lines)


def write_summary(text: str) -> None:
    """Adds Markdown to the job's summary, where GitHub gives a file for it."""
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if place:
        with open(place, "a", encoding="utf-8", errors="replace") as file:
            file.write(text)


def _command(one: Entry, prefix: str) -> str:
    file = f"{prefix}{one.file}" if one.file else None
    named = {"file": file, "line": one.line, "col": one.column, "title": one.code}
    fields = ",".join(f"{name}={_property(str(value))}" for name, value in named.items() if value is not None)
    hint = f"\nhint: {one.hint}" if one.hint else ""
    return f"::{_COMMANDS[one.level]} {fields}::{_data(one.message + hint)}"


def prefix_of(root: Path) -> str:
    """The project's folder within the repository that the job has checked out."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if not workspace:
        return ""
    base, own = Path(workspace).resolve(), root.resolve()
    inner = own.relative_to(base).as_posix() if own.is_relative_to(base) else "."
    return "" if inner == "." else f"{inner}/"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
