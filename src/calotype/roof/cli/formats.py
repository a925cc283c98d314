"""`--format`: what a check or a validation says, for people or for a CI system."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from calotype.project.outcome import Outcome
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.stdout import echo
from calotype.roof.report.entries import ALL_VALID, VALIDATE

FORMATS = ("text", "json", "github", "sarif", "junit")


def formatted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --format."""
    return click.option(
        "--format", "form", type=click.Choice(FORMATS), default="text",
        help="text; json, as --json; github: annotations and a job summary; sarif; junit.",
    )(function)


def echo_report(settings: Settings, outcome: Outcome, root: Path, form: str, title: str) -> None:
    """Prints `outcome` in a CI system's format, to stdout; for people, the diagnostics to stderr."""
    from calotype.roof.report.entries import entries

    report = entries(outcome)
    if form == "sarif":
        from calotype.roof.report.github import prefix_of
        from calotype.roof.report.sarif import sarif

        echo(sarif(report, prefix_of(root)))
    elif form == "junit":
        from calotype.roof.report.junit import junit

        echo(junit(outcome, title))
    else:
        from calotype.roof.report import github
        from calotype.roof.report.markdown import summary

        lines = github.commands(report, root)
        if lines:
            echo(lines)
        github.write_summary(summary(outcome, title))
    if not settings.quiet:
        _for_people(outcome, root, title)


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
