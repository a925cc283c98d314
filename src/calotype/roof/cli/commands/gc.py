"""`calotype gc`: drop what no target needs from the cache."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.ground.light_dataclass import asdict
from calotype.ground.sizes import size_text
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


@click.command("gc", epilog=examples("calotype gc --dry-run", "calotype gc"))
@shared
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@click.pass_obj
def command(settings: Settings, dry_run: bool) -> int:
    """Drop from the cache what no target needs.

    Whatever a published or planned image refers to stays. A blob is a file of the cache, such as a picture.
    """
    report = settings.open().gc(dry_run=dry_run)
    verb = "would go" if dry_run else "removed"
    text = f"{report.blobs} blobs ({size_text(report.bytes)}) {verb}, {report.kept} kept"
    settings.echo_status(text, {"schema": SCHEMA, **asdict(report), "diagnostics": []})
    return EXIT_DONE
