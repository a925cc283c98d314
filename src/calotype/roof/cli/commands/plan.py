"""`calotype plan`: what a build would do, and why."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples, profile, shared


@click.command(
    "plan",
    epilog=examples(
        "calotype plan",
        "calotype plan exercises/chin_tuck -v   # each target, reasons in full",
        "calotype plan --preset draft           # of an overridden build",
        "calotype plan --prompts 'scenes/*'     # what the images are made from",
    ),
)
@shared
@profile
@click.option("--prompts", is_flag=True, help="Print prompt and negative of every image asked for; needs no weights.")
@click.argument("targets", nargs=-1, metavar="[TARGET]...", shell_complete=complete_targets)
@click.pass_obj
def command(
    settings: Settings, targets: tuple[str, ...], preset: str | None, renderer: str | None, prompts: bool
) -> int:
    """Show what `build` would do, and why."""
    project = settings.open()
    names = settings.named(project.root, targets)
    outcome = project.plan(names, preset=preset, renderer=renderer, prompts=prompts)
    settings.echo_outcome(outcome, project.root, "plan")
    return EXIT_DONE
