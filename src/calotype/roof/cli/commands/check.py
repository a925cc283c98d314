"""`calotype check`: whether the committed images match their specs."""

from __future__ import annotations

import click

from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.formats import echo_report, formatted
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples, profile, shared


@click.command(
    "check",
    epilog=examples(
        "calotype check",
        "calotype check exercises/chin_tuck",
        "calotype check --format github         # in GitHub Actions",
        "calotype check --format sarif > calotype.sarif",
    ),
)
@shared
@profile
@formatted
@click.option("--full", is_flag=True, help="Read every spec and asset, whatever the last build recorded.")
@click.argument("targets", nargs=-1, metavar="[TARGET]...", shell_complete=complete_targets)
@click.pass_obj
def command(
    settings: Settings, targets: tuple[str, ...], preset: str | None, renderer: str | None, form: str,
    full: bool,
) -> int:
    """Prove that the published images match their specs.

    Exit 0 if they do, 1 if an image is stale, missing or modified, 2 if a spec is invalid, 3 if only a decision is
    awaited; the format changes nothing of that.

    Where a build has been, only the files that changed since are read.
    """
    settings.json = settings.json or form == "json"
    project = settings.open()
    names = settings.named(project.root, targets)
    outcome = project.check(names, preset=preset, renderer=renderer, full=full, name_current=form == "junit")
    if form in ("text", "json"):
        settings.echo_outcome(outcome, project.root, "check")
    else:
        echo_report(settings, outcome, project.root, form, "calotype check")
    return outcome.exit_code
