"""`--format`: what a check or a validation says, for people or for a CI system."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from calotype.project.outcome import Outcome
from calotype.roof.cli.choice import Choice
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.stdout import echo
from calotype.roof.report.entries import ALL_VALID, VALIDATE

MACHINE_FORMATS = ("json", "github", "sarif", "junit")
FORMATS = ("text", *MACHINE_FORMATS)


def formatted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --format."""
    return click.option(
        "--format", "form", type=Choice(FORMATS), default="text",
        help="text; json, as --json; github: annotations and a job summary; sarif; junit.",
    )(function)


def echo_report(settings: Settings, outcome: Outcome, root: Path, form: str, title: str) -> None:
    """Prints `outcome` in a CI system's format, to stdout; for people, the diagnostics to stderr."""
    text = report(outcome, root, form, title)
    if text:
        echo(text, commands=form == "github")
    if not settings.quiet:
        _for_people(outcome, root, title)


def report(outcome: Outcome, root: Path | None, form: str, title: str) -> str:
    """`outcome` in a machine's format; `root` is None where there is no project. For GitHub the job's summary is
    written besides."""
    from calotype.roof.report.entries import entries

    if form == "json":
        import json

        return json.dumps(outcome.as_json())
    if form == "sarif":
        from calotype.roof.report.github import prefix_of
        from calotype.roof.report.sarif import sarif

        return sarif(entries(outcome), prefix_of(root))
    if form == "junit":
        from calotype.roof.report.junit import junit

        return junit(outcome, title)
    from calotype.roof.report import github
    from calotype.roof.report.markdown import summary

    github.write_summary(summary(outcome, title))
    return github.commands(entries(outcome), root)


def _for_people(outcome: Outcome, root: Path, title: str) -> None:
    from calotype.roof.cli.stdout import echo_err
    from calotype.roof.report.diagnostic_text import show, tally
    from calotype.roof.report.summary import summary

    if outcome.diagnostics:
        echo_err(show(outcome.diagnostics, root, sys.stderr))
    if title == VALIDATE:
        errors = any(diagnostic.severity == "error" for diagnostic in outcome.diagnostics)
        echo_err("\n".join(filter(None, ("" if errors else ALL_VALID, tally(outcome.diagnostics)))))
    elif outcome.targets or not outcome.diagnostics:
        echo_err(summary(outcome, "check", verbose=False, stream=sys.stderr))
