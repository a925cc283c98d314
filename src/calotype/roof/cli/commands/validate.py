"""`calotype validate`: all errors of all specs at once. Must not resolve or render anything."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_DONE, EXIT_INVALID
from calotype.project.outcome import Outcome
from calotype.roof.cli.formats import formatted, report
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


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
    from calotype.roof.report.diagnostics import tally

    settings.json = settings.json or form == "json"
    project = settings.open()
    found = project.validate(paths, full=full)
    errors = sum(one.severity == "error" for one in found)
    code = EXIT_INVALID if errors else EXIT_DONE
    if form not in ("text", "json"):
        report(settings, Outcome(diagnostics=tuple(found)), project.root, form, "calotype validate")
        return code
    settings.show_diagnostics(found, project.root)
    value = {"schema": SCHEMA, "errors": errors, "diagnostics": [one.as_json() for one in found]}
    settings.print_result(tally(found) if errors else "all specs are valid", value)
    if found and not errors and not settings.json and not settings.quiet:
        click.echo(tally(found), err=True)
    return code
