"""`calotype check`: whether the committed images match their specs. Must not change anything."""

from __future__ import annotations

import click

from calotype.roof.cli.settings import Settings, tell
from calotype.roof.cli.shared import examples, profile, shared


@click.command(
    "check",
    epilog=examples("calotype check", "calotype check exercises/chin_tuck", "calotype check --format json"),
)
@shared
@profile
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="json is as --json."
)
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.pass_obj
def command(
    settings: Settings, targets: tuple[str, ...], preset: str | None, renderer: str | None, form: str
) -> int:
    """Prove that the published images match their specs."""
    settings.json = settings.json or form == "json"
    project = settings.open()
    outcome = project.check(targets, preset=preset, renderer=renderer)
    tell(settings, outcome, project.root, "check")
    return outcome.exit_code
