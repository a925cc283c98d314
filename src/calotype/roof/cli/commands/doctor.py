"""`calotype doctor`: whether this machine and this project are fit to build."""

from __future__ import annotations

import sys

import click

from calotype.ground.diagnostics import EXIT_DONE, EXIT_FAILED
from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


@click.command("doctor", epilog=examples("calotype doctor", "calotype doctor --json"))
@shared
@click.pass_obj
def command(settings: Settings) -> int:
    """Look for what could stop a build.

    The installation, the renderers, the folders and the cache. Exit 1 if something would.
    """
    from calotype.roof.report.findings import checklist

    findings = settings.open().doctor()
    value = {"schema": SCHEMA, "findings": [asdict(finding) for finding in findings], "diagnostics": []}
    if settings.json or not settings.quiet:
        settings.echo_result(checklist(findings, sys.stdout), value)
    return EXIT_FAILED if any(finding.status == "error" for finding in findings) else EXIT_DONE
