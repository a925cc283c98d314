"""`calotype watch`: build at every change, until ^C."""

from __future__ import annotations

from pathlib import Path

import click

from calotype.ground.diagnostics import EXIT_INTERRUPTED, Problem
from calotype.project.overrides import DRAWN, preview_of
from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.interrupt import Interrupt
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import MOST_JOBS, examples, shared


class _Watch(click.Command):
    """Reads `--preview` as `--preview=mannequin`: the next word is a target, not its value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        words = [f"--preview={DRAWN}" if word == "--preview" else word for word in args[:end]]
        return super().parse_args(ctx, [*words, *args[end:]])


@click.command(
    "watch",
    cls=_Watch,
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
@click.option("--preview", metavar="[=PRESET]",
              help="Show what takes long first as the mannequin draws it, or as PRESET renders it.")
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
    """
    from calotype.api import KeptProject
    from calotype.queries.product_status import refuse_products
    from calotype.roof.watch.terminal import Terminal
    from calotype.roof.watch.watcher import Watcher, WatchOptions

    root = settings.open().root
    names = settings.named(root, targets)
    refuse_products(names)
    if preview is not None:
        _require_preset(root, preview)
    with KeptProject(root) as project:
        terminal = Terminal(settings, project.root)
        options = WatchOptions(names, jobs, keep_going, executor, preview)
        watcher = Watcher(project, options, lambda: interrupt.requested(), terminal, terminal.say)
        with Interrupt("\nstopping; once more to stop at once", watcher.hints.wake) as interrupt:
            for done in watcher.rounds():
                terminal.show(done)
    return EXIT_INTERRUPTED


def _require_preset(root: Path, preview: str) -> None:
    """Raises Problem where there is no preset of that name. What else is wrong the first build tells."""
    from calotype.project.workspace import open_workspace

    try:
        with open_workspace(root, preview_of(preview)):
            return
    except Problem as problem:
        if any(fault.code == "unknown-preset" for fault in problem.diagnostics):
            raise
