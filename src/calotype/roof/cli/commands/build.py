"""`calotype build`: render what is stale and publish it. Must not decide what is stale."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_DONE, EXIT_INTERRUPTED
from calotype.roof.cli.shared import Settings, examples, profile, shared, tell


@click.command(
    "build",
    epilog=examples(
        "calotype build",
        "calotype build exercises/chin_tuck -j 2",
        "calotype build --preset draft 'scenes/*'",
    ),
)
@shared
@profile
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Render at most N batches at once."
)
@click.option(
    "-k",
    "--keep-going/--fail-fast",
    default=True,
    help="After a failure go on with the rest (the default), or stop.",
)
@click.option("--dry-run", is_flag=True, help="As `plan`.")
@click.option("--offline", is_flag=True, help="Use no network.")
@click.option("--executor", default="local", metavar="NAME", help="Where batches run: an entry point's name.")
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.pass_obj
def command(
    settings: Settings,
    targets: tuple[str, ...],
    preset: str | None,
    renderer: str | None,
    jobs: int | None,
    keep_going: bool,
    dry_run: bool,
    offline: bool,
    executor: str,
) -> int:
    """Render what changed, and publish it."""
    from calotype.roof.cli.interrupt import Interrupt
    from calotype.roof.report.progress import progress

    project = settings.open()
    with Interrupt() as interrupt, progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        outcome = project.build(
            targets,
            jobs=jobs,
            keep_going=keep_going,
            dry_run=dry_run,
            offline=offline,
            executor=executor,
            preset=preset,
            renderer=renderer,
            listener=listener,
            cancel=interrupt.asked,
        )
    tell(settings, outcome, project.root, "plan" if dry_run else "build")
    if interrupt.asked():
        return EXIT_INTERRUPTED
    return EXIT_DONE if dry_run else outcome.exit_code
