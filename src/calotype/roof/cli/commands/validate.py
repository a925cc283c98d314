"""`calotype validate`: all errors of all specs at once. Must not resolve or render anything."""

from __future__ import annotations

import click

from calotype.build.outcome import Outcome
from calotype.ground.diagnostics import EXIT_DONE, EXIT_INVALID
from calotype.roof.cli.formats import formatted, report
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


@click.command(
    "validate",
    epilog=examples(
        "calotype validate",
        "calotype validate specs/exercises/neck",
        "calotype validate --json | jq .diagnostics",
        "calotype validate --format github",
    ),
)
@shared
@formatted
@click.argument("paths", nargs=-1, type=click.Path())
@click.pass_obj
def command(settings: Settings, paths: tuple[str, ...], form: str) -> int:
    """Check calotype.yaml and the specs: all, or those at PATH."""
    from calotype.roof.report.text import count_text

    settings.json = settings.json or form == "json"
    project = settings.open()
    found = project.validate(paths)
    errors, warnings = (sum(one.severity == level for one in found) for level in ("error", "warning"))
    code = EXIT_INVALID if errors else EXIT_DONE
    if form not in ("text", "json"):
        report(settings, Outcome(diagnostics=tuple(found)), project.root, form, "calotype validate")
        return code
    settings.complain(found, project.root)
    value = {"schema": SCHEMA, "errors": errors, "diagnostics": [one.as_json() for one in found]}
    counts = [count_text(count, noun) for count, noun in ((errors, "error"), (warnings, "warning")) if count]
    settings.remark(", ".join([] if errors else ["all specs are valid"]) or ", ".join(counts), value)
    if warnings and not errors and not settings.json and not settings.quiet:
        click.echo(", ".join(counts), err=True)
    return code
