"""`calotype cache`: looking after cache/."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_DONE, EXIT_FAILED
from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


@click.group("cache", epilog=examples("calotype cache verify"))
@shared
def command() -> None:
    """Look after the cache."""


@command.command("verify", epilog=examples("calotype cache verify"))
@shared
@click.pass_obj
def verify(settings: Settings) -> int:
    """Compare every blob with its digest.

    A blob is a file of the cache, such as a picture, named by its digest. Damaged ones are set aside, and made again
    when they are needed.
    """
    report = settings.open().verify_cache()
    text = "\n".join(
        [
            *(f"damaged: {digest}" for digest in report.damaged),
            f"{report.checked} blobs checked, {len(report.damaged)} damaged",
        ]
    )
    settings.echo_status(text, {"schema": SCHEMA, **asdict(report), "diagnostics": []})
    return EXIT_FAILED if report.damaged else EXIT_DONE
