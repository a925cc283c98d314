"""`calotype validate`: all errors of all specs at once."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_DONE, EXIT_INVALID
from calotype.project.outcome import Outcome
from calotype.roof.cli.formats import echo_report, formatted
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared
from calotype.roof.cli.stdout import echo_err
from calotype.roof.report.entries import ALL_VALID, VALIDATE


@click.command(
    "validate",
    epilog=examples(
        "calotype validate",
        "calotype validate specs/exercises/neck",
        "calotype validate --json | jq .diagnostics",
        "calotype validate --format github      # in GitHub Actions",
    ),
)
@shared
@formatted
@click.option("--full", is_flag=True, help="Read every spec, whatever was found before.")
@click.argument("paths", nargs=-1, type=click.Path())
@click.pass_obj
def command(settings: Settings, paths: tuple[str, ...], form: str, full: bool) -> int:
    """Check calotype.yaml and the specs: all, or those at PATH."""
    from calotype.roof.report.diagnostic_text import tally

    settings.json = settings.json or form == "json"
    project = settings.open()
    diagnostics = project.validate(paths, full=full)
    errors = sum(diagnostic.severity == "error" for diagnostic in diagnostics)
    code = EXIT_INVALID if errors else EXIT_DONE
    if form not in ("text", "json"):
        echo_report(settings, Outcome(diagnostics=tuple(diagnostics)), project.root, form, VALIDATE)
        return code
    settings.echo_diagnostics(diagnostics, project.root)
    value = {"schema": SCHEMA, "errors": errors, "diagnostics": [diagnostic.as_json() for diagnostic in diagnostics]}
    settings.echo_status(tally(diagnostics) if errors else ALL_VALID, value)
    if diagnostics and not errors and not settings.json and not settings.quiet:
        echo_err(tally(diagnostics))
    return code
