"""`calotype build`: render what is stale and publish it."""

from __future__ import annotations

from typing import Any

import click

from calotype.ground.diagnostics import Problem, error
from calotype.roof.cli.choice import Choice
from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.run_build import run_build
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import MOST_JOBS, examples, profile, shared


@click.command(
    "build",
    epilog=examples(
        "calotype build                             # what changed",
        "calotype build exercises/chin_tuck -j 2",
        "calotype build --preset draft 'scenes/*'   # to build/preview/",
        "calotype build --fail-fast --json",
        "calotype build --phase enhance             # the prompts alone",
    ),
)
@shared
@profile
@click.option(
    "-j", "--jobs", type=click.IntRange(1, MOST_JOBS), metavar="N", help="Render at most N batches at once."
)
@click.option(
    "-k",
    "--keep-going/--fail-fast",
    default=True,
    help="After a failure go on with the rest (the default), or stop.",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be done, as `plan --prompts` does.")
@click.option("--prompts", is_flag=True, help="With --dry-run, which prints the prompts in any case.")
@click.option("--offline", is_flag=True, help="Refused: a build asks only the services that calotype.yaml names.")
@click.option("--phase", type=Choice(("enhance", "render", "score")),
              help="Only this kind of work; what needs another first is left for later.")
@click.option("--executor", default="local", metavar="NAME",
              help="Where batches run: local (the default), processes, or a plug-in's name.")
@click.argument("targets", nargs=-1, metavar="[TARGET]...", shell_complete=complete_targets)
@click.pass_obj
def command(settings: Settings, /, *, offline: bool, prompts: bool, **options: Any) -> int:
    """Render what changed, and publish it."""
    if prompts and not options["dry_run"]:
        hint = "`calotype plan --prompts` or `calotype build --dry-run` prints them"
        raise Problem(error("without-effect", "`--prompts` has no effect on a build that renders", hint=hint))
    if options["phase"] and options["dry_run"]:
        hint = "`calotype plan` counts the work of each kind"
        raise Problem(error("without-effect", "`--phase` has no effect on a dry run", hint=hint))
    if offline:
        message = ("`--offline` has no effect: a build asks nobody but the services that calotype.yaml names,"
                   " `renderer: hosted` and `enhance: {endpoint: ...}`")
        hint = "leave it out, and them where nobody is to be asked; `calotype models pull` fetches what a machine lacks"
        raise Problem(error("without-effect", message, hint=hint))
    return run_build(settings, **options)
