"""`calotype list`: every target and how it stands."""

from __future__ import annotations

import sys

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


@click.command("list", epilog=examples(
    "calotype list",
    "calotype list 'scenes/*' -v            # with asset, renderer and spec",
    "calotype list | grep stale             # in a pipe nothing is cut",
    "calotype list --json | jq -r '.targets[] | .state + \" \" + .path'",
))
@shared
@click.argument("targets", nargs=-1, metavar="[TARGET]...", shell_complete=complete_targets)
@click.pass_obj
def command(settings: Settings, targets: tuple[str, ...]) -> int:
    """Show the targets and how each stands."""
    from calotype.roof.report.rows import table

    project = settings.open()
    rows = project.list(settings.named(project.root, targets))
    value = {"schema": SCHEMA, "targets": [asdict(row) for row in rows], "diagnostics": []}
    settings.echo_result(table(rows, verbose=settings.verbose, stream=sys.stdout), value)
    return EXIT_DONE
