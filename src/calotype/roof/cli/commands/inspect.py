"""`calotype inspect`: how a picture came about, by what it says of itself and by what the project knows of it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from calotype.ground.diagnostics import EXIT_DONE, EXIT_INVALID
from calotype.ground.light_dataclass import asdict
from calotype.ground.paths import find_root
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


@click.command(
    "inspect",
    epilog=examples(
        "calotype inspect content/images/exercises/neck/chin_tuck_01.png",
        "calotype inspect ~/Downloads/unknown.png --json",
    ),
)
@shared
@click.argument("image", type=click.Path())
@click.pass_obj
def command(settings: Settings, image: str) -> int:
    """Show how IMAGE came about.

    What is embedded in the file: prompt, seed, renderer, action key. And what its pixels are in this project, whatever
    the file is called: published, a candidate, decided on, and of what prompt, models, licences and scores.
    """
    from calotype.api import Project
    from calotype.project.picture_origin import PictureOrigin
    from calotype.results.publish.inspect import inspect
    from calotype.roof.report.target_view import describe_picture

    root = settings.open().root if settings.project is not None else find_root(Path("."))
    origin = Project(root).inspect(image) if root is not None else PictureOrigin(inspect(image))
    uses = [asdict(use) for use in origin.uses] if root is not None else None
    settings.echo_diagnostics(origin.diagnostics, root)
    settings.echo_result(describe_picture(origin, sys.stdout, in_project=root is not None), {
        "schema": SCHEMA, **origin.embedded, "uses": uses,
        "diagnostics": [diagnostic.as_json() for diagnostic in origin.diagnostics]})
    return EXIT_INVALID if any(each.severity == "error" for each in origin.diagnostics) else EXIT_DONE
