"""A check as GitHub Actions shows it: annotations, and a job summary for what does not fit.

GitHub shows at most ten annotations of a level from one step and drops the rest without a word, so the worst are
annotated and all are in the summary. https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic
from calotype.roof.report.entries import SEVERITIES, Entry
from calotype.roof.report.style import harmless

MOST = 10
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def commands(report: Sequence[Entry], root: Path | None) -> str:
    """Workflow commands, the first MOST of each severity; files as the repository names them."""
    prefix = prefix_of(root)
    diagnostics = [entry.diagnostic for entry in report]
    lines: list[str] = []
    for severity in SEVERITIES:
        lines += [_command(diagnostic, prefix) for diagnostic in diagnostics if diagnostic.severity == severity][:MOST]
    return "\n".join(lines)


def write_summary(text: str) -> None:
    """Adds Markdown to the job's summary, where GitHub gives a file for it."""
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if place:
        with open(place, "a", encoding="utf-8", errors="replace") as file:
            file.write(text)


def _command(diagnostic: Diagnostic, prefix: str) -> str:
    file = f"{prefix}{diagnostic.file}" if diagnostic.file else None
    named = {"file": file, "line": diagnostic.line, "col": diagnostic.column, "title": diagnostic.code}
    fields = ",".join(f"{name}={_property(str(value))}" for name, value in named.items() if value is not None)
    hint = f"\nhint: {diagnostic.hint}" if diagnostic.hint else ""
    return f"::{_COMMANDS[diagnostic.severity]} {fields}::{_data(diagnostic.message + hint)}"


def prefix_of(root: Path | None) -> str:
    """The project's folder within the repository that the job has checked out."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if not workspace or root is None:
        return ""
    checkout, project = Path(workspace).resolve(), root.resolve()
    inner = project.relative_to(checkout).as_posix() if project.is_relative_to(checkout) else "."
    return "" if inner == "." else f"{inner}/"


def _data(text: str) -> str:
    """`text` as a command holds it: lines escaped, and nothing else in it but what is printed."""
    return "%0A".join("%0D".join(map(_escaped, line.split("\r"))) for line in text.split("\n"))


def _escaped(text: str) -> str:
    return harmless(text).replace("%", "%25").replace("##[", "# #[")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
