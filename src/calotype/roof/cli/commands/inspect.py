"""`calotype inspect`: what an image says of its own making."""

from __future__ import annotations

from pathlib import Path

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


@click.command("inspect", epilog=examples("calotype inspect content/images/exercises/neck/chin_tuck_01.png"))
@shared
@click.argument("image", type=click.Path())
@click.pass_obj
def command(settings: Settings, image: str) -> int:
    """Show how IMAGE says it was made.

    Prompt, seed, renderer and action key, as they are embedded in the file.
    """
    from calotype.results.publish.inspect import inspect
    from calotype.roof.report.text import pairs

    facts = inspect(Path(image))
    settings.echo_result(pairs(facts), {"schema": SCHEMA, **facts, "diagnostics": []})
    return EXIT_DONE
