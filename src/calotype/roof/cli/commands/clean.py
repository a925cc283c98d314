"""`calotype clean`: empty build/."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


@click.command("clean", epilog=examples("calotype clean"))
@shared
@click.pass_obj
def command(settings: Settings) -> int:
    """Empty build/.

    Contact sheets, previews and logs go; the next build writes the sheets again. content/ and cache/ stay.
    """
    removed = settings.open().clean()
    text = "\n".join([*(removed if settings.verbose else []), f"{len(removed)} removed from build/"])
    settings.echo_status(text, {"schema": SCHEMA, "removed": removed, "diagnostics": []})
    return EXIT_DONE
