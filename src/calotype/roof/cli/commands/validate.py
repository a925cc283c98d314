"""`calotype validate`: all errors of all specs at once. Must not resolve or render anything."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_DONE, EXIT_INVALID
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


@click.command(
    "validate",
    epilog=examples(
        "calotype validate",
        "calotype validate specs/exercises/neck",
        "calotype validate --json | jq .diagnostics",
    ),
)
@shared
@click.argument("paths", nargs=-1, type=click.Path())
@click.pass_obj
def command(settings: Settings, paths: tuple[str, ...]) -> int:
    """Check calotype.yaml and the specs: all, or those at PATH."""
    project = settings.open()
    found = project.validate(paths)
    errors = sum(one.severity == "error" for one in found)
    settings.complain(found, project.root)
    value = {"schema": SCHEMA, "errors": errors, "diagnostics": [one.as_json() for one in found]}
    settings.remark("" if errors else "all specs are valid", value)
    return EXIT_INVALID if errors else EXIT_DONE
