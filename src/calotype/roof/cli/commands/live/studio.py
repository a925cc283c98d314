"""`calotype studio`: the gallery in the browser, which builds at every change."""

from __future__ import annotations

import click

from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.preview import PreviewCommand, preview_option, require_preset
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import MOST_JOBS, examples, shared


@click.command(
    "studio",
    cls=PreviewCommand,
    epilog=examples(
        "calotype studio                        # opens the browser",
        "calotype studio --no-open --port 0     # prints the address",
        "calotype studio --no-watch             # builds when the page asks",
        "calotype studio --preview              # the drawing of the pose at once, then the render",
    ),
)
@shared
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Listen there; 127.0.0.1 unless told otherwise.")
@click.option("--port", default=3456, type=click.IntRange(0, 65535), metavar="N", help="3456; 0 takes a free one.")
@click.option("--open/--no-open", "open_browser", default=True, help="Open the browser (the default), or not.")
@click.option("--watch/--no-watch", default=True, help="Build at every change (the default), or when asked.")
@click.option("-j", "--jobs", type=click.IntRange(1, MOST_JOBS), metavar="N", help="Render at most N batches at once.")
@click.option("--executor", default="local", metavar="NAME",
              help="Where batches run: local (the default), processes, or a plug-in's name.")
@preview_option
@click.argument("targets", nargs=-1, metavar="[TARGET]...", shell_complete=complete_targets)
@click.pass_obj
def command(
    settings: Settings, targets: tuple[str, ...], host: str, port: int, open_browser: bool, watch: bool,
    jobs: int | None, executor: str, preview: str | None,
) -> int:
    """Serve the contact sheets, alive, until ^C.

    Pictures appear as they are made, a key picks, approves or rejects them, and every decision is the write that the
    command line makes.
    """
    from calotype.queries.product_status import refuse_products
    from calotype.roof.studio.installed import require_studio
    from calotype.roof.watch.watcher import WatchOptions

    root = settings.open().root
    names = settings.named(root, targets)
    refuse_products(names)
    if preview is not None:
        require_preset(root, preview)
    require_studio()
    from calotype.roof.studio.serve import StudioOptions, serve

    build = WatchOptions(names, jobs, True, executor, preview)
    return serve(root, StudioOptions(host, port, watch, open_browser, settings.quiet, settings.verbose, build))
