"""`--format`: what a check or a validation says, for people or for a CI system."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calotype.ground.light_dataclass import replace
from calotype.project.outcome import Outcome
from calotype.roof.cli.choice import Choice
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.stdout import echo, echo_err
from calotype.roof.report.entries import ALL_VALID, VALIDATE

if TYPE_CHECKING:
    from calotype.project.reviewed import Review

MACHINE_FORMATS = ("json", "github", "sarif", "junit", "markdown")
FORMATS = ("text", *MACHINE_FORMATS)


def formatted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --format."""
    return click.option(
        "--format", "form", type=Choice(FORMATS), default="text",
        help="text; json, as --json; github: annotations and a job summary; sarif; junit; markdown.",
    )(function)


def echo_review(settings: Settings, review: Review, root: Path, form: str) -> None:
    """Prints what a range of commits did, in any format; but in text and JSON, for people to stderr besides."""
    from calotype.roof.report.review_summary import review_text

    plain = form in ("text", "json")
    if plain or not settings.quiet:
        settings.echo_diagnostics(review.outcome.diagnostics, root)
    if plain:
        text = review_text(review, verbose=settings.verbose, stream=sys.stdout)
        settings.echo_status(text, review.as_json())
        return
    text = review_report(review, root, form, "calotype check")
    if text:
        echo(text, verbatim=form == "github")
    if not settings.quiet:
        echo_err(review_text(review, verbose=False, stream=sys.stderr))


def echo_report(settings: Settings, outcome: Outcome, root: Path, form: str, title: str) -> None:
    """Prints `outcome` in a CI system's format, to stdout; for people, the diagnostics to stderr."""
    text = report(outcome, root, form, title)
    if text:
        echo(text, verbatim=form == "github")
    if not settings.quiet:
        _for_people(outcome, root, title)


def report(outcome: Outcome, root: Path | None, form: str, title: str) -> str:
    """`outcome` in a machine's format; `root` is None where there is no project. For GitHub the job's summary is
    written besides."""
    from calotype.roof.report import github
    from calotype.roof.report.markdown import summary

    if form == "markdown":
        return summary(outcome, title).rstrip("\n")
    if form == "github":
        github.write_summary(summary(outcome, title))
    return _for_machines(outcome, root, form, title)


def review_report(review: Review, root: Path, form: str, title: str) -> str:
    """As `report`, of what a range of commits did: the pictures that it concerns, and no others."""
    from calotype.roof.report import github
    from calotype.roof.report.review_summary import review_markdown, review_notes

    if form == "markdown":
        return review_markdown(review).rstrip("\n")
    if form == "github":
        github.write_summary(review_markdown(review))
    notes = () if form == "junit" else review_notes(review)
    outcome = review.outcome
    return _for_machines(replace(outcome, diagnostics=(*outcome.diagnostics, *notes)), root, form, title)


def _for_machines(outcome: Outcome, root: Path | None, form: str, title: str) -> str:
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

    return github.commands(entries(outcome), root)


def _for_people(outcome: Outcome, root: Path, title: str) -> None:
    from calotype.roof.report.diagnostic_text import show, tally
    from calotype.roof.report.summary import summary

    if outcome.diagnostics:
        echo_err(show(outcome.diagnostics, root, sys.stderr))
    if title == VALIDATE:
        errors = any(diagnostic.severity == "error" for diagnostic in outcome.diagnostics)
        echo_err("\n".join(filter(None, ("" if errors else ALL_VALID, tally(outcome.diagnostics)))))
    elif outcome.targets or not outcome.diagnostics:
        echo_err(summary(outcome, "check", verbose=False, stream=sys.stderr))
