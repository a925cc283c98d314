"""`calotype export`: images handed to other programs, with what these need to read them."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_INTERRUPTED
from calotype.roof.cli.completion import complete_characters
from calotype.roof.cli.interrupt import Interrupt
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples, shared
from calotype.roof.cli.stdout import echo, reserved
from calotype.roof.report.style import harmless


@click.group("export", epilog=examples("calotype export training mannequin"))
@shared
def command() -> None:
    """Hand images to other programs."""


@command.command("training", epilog=examples(
    "calotype export training mannequin",
    "calotype export training mannequin --json | jq .report.near_duplicates",
    "calotype explain characters/mannequin/training_set   # what has changed since",
))
@shared
@click.argument("character", metavar="CHARACTER", shell_complete=complete_characters)
@click.pass_obj
def training(settings: Settings, character: str) -> int:
    """Write CHARACTER's training set to content/training/.

    Anchors and variations that are not up to date are built first. Then it writes pictures without metadata, their
    captions, what trainers read (kohya, ai-toolkit, Hugging Face), a README, and all of it in one zip; and prints what
    the set shows and lacks. Where nothing has changed, nothing is written.

    Exit 3, and nothing written, where a person is awaited: the set has less than `min` images. An image that awaits a
    decision, and that the set can do without, is left out, and a note says so.
    """
    from calotype.roof.report.progress import progress

    project = settings.open()
    with (Interrupt() as interrupt, progress(quiet=settings.quiet, verbose=settings.verbose) as listener,
          reserved()):
        export = project.export_training(character, listener=listener, cancel=interrupt.requested)
    if export.report and not (settings.json or settings.quiet):
        written = export.status in ("exported", "up_to_date")
        head = export.path if written else export.target
        echo("\n".join(map(harmless, [f"{head}:", *export.report["summary"]])))
    more = {"target": export.target, "path": export.path, "status": export.status, "report": dict(export.report)}
    settings.echo_outcome(export.outcome, project.root, "build", more=more)
    return EXIT_INTERRUPTED if interrupt.requested() else export.outcome.exit_code
