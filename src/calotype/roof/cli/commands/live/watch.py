"""`calotype watch`: build at every change, until ^C."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_INTERRUPTED
from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.interrupt import Interrupt
from calotype.roof.cli.preview import PreviewCommand, preview_option, require_preset
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import MOST_JOBS, examples, shared


@click.command(
    "watch",
    cls=PreviewCommand,
    epilog=examples(
        "calotype watch",
        "calotype watch 'scenes/*'              # these alone",
        "calotype watch --preview               # the drawing of the pose at once, then the render",
        "calotype watch --preview=draft         # first in the preset draft",
        "calotype watch --json                  # one JSON object for each build, a line each",
    ),
)
@shared
@click.option("-j", "--jobs", type=click.IntRange(1, MOST_JOBS), metavar="N", help="Render at most N batches at once.")
@click.option("-k", "--keep-going/--fail-fast", default=True,
              help="After a failure go on with the rest (the default), or stop that build.")
@click.option("--executor", default="local", metavar="NAME",
              help="Where batches run: local (the default), processes, or a plug-in's name.")
@preview_option
@click.argument("targets", nargs=-1, metavar="[TARGET]...", shell_complete=complete_targets)
@click.pass_obj
def command(
    settings: Settings, targets: tuple[str, ...], jobs: int | None, keep_going: bool, executor: str,
    preview: str | None,
) -> int:
    """Build at every change, until ^C.

    A save is built as soon as it is complete; a newer one takes the place of what is queued. Errors are shown, what was
    published stays, and the next save goes on. With --preview the contact sheets show, of an image that is being
    rendered, a preview that says that it is one; it lies in build/preview/.

    Meanwhile `build`, `plan`, `check` and others in another terminal are run here, where all is loaded already.
    """
    from calotype.api import KeptProject
    from calotype.queries.product_status import refuse_products
    from calotype.roof.serve.service import Service
    from calotype.roof.watch.terminal import Terminal
    from calotype.roof.watch.watcher import Watcher, WatchOptions

    root = settings.open().root
    names = settings.named(root, targets)
    refuse_products(names)
    if preview is not None:
        require_preset(root, preview)
    with KeptProject(root) as project:
        terminal = Terminal(settings, project.root)
        options = WatchOptions(names, jobs, keep_going, executor, preview)
        watcher = Watcher(project, options, lambda: interrupt.requested(), terminal, terminal.say)
        service = Service(project, watcher.hints.wake, terminal.say if settings.verbose else _say_nothing)
        watcher.service = service

        def stop() -> None:
            watcher.hints.wake()
            service.hand_back()

        with Interrupt("\nstopping; once more to stop at once", stop, service.tell) as interrupt:
            for done in watcher.rounds():
                terminal.show(done)
    return EXIT_INTERRUPTED


def _say_nothing(message: str) -> None:
    """For what only -v tells."""
