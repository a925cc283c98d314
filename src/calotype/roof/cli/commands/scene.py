"""`calotype scene`: scenes made of a brief."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.project.new_scene import SECONDS
from calotype.queries.unread_brief import unread_words
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared

EXAMPLE = 'calotype scene new coffee_ad --brief "Artisan coffee for your morning"'


@click.group("scene", epilog=examples(EXAMPLE))
@shared
def command() -> None:
    """Write scenes."""


@command.command("new", epilog=examples(
    EXAMPLE,
    'calotype scene new watch --brief "Luxury watch, low light" --duration 24',
    'calotype scene new scent --brief "Luxury perfume" --image bottle.png',
))
@shared
@click.option("--brief", required=True, metavar="TEXT", help="What is to be shown, and to whom: a sentence or two.")
@click.option("--duration", default=SECONDS, show_default=True, metavar="SECONDS",
              type=click.FloatRange(min=0, min_open=True, max=3600),
              help="Of the film: a shot for each four seconds, 1 to 8.")
@click.option("--simple", is_flag=True, help="No prompt is enhanced, and each shot is rendered once, by itself.")
@click.option("--image", metavar="FILE", type=click.Path(path_type=Path),
              help="A picture of yours that is the first shot as it is.")
@click.argument("scene", metavar="ID")
@click.pass_obj
def new(settings: Settings, scene: str, brief: str, duration: float, simple: bool, image: Path | None) -> int:
    """Write specs/scenes/ID.yaml: a storyboard of BRIEF.

    Words that stay the same (who, in what, where, in which colours) stand under `markers` and go into the prompt of
    every shot. Each shot has four candidates and starts from the one before, and its prompt is enhanced, unless
    --simple is said. The same brief gives the same board; nothing that is there is overwritten.
    """
    project = settings.open()
    made = project.new_scene(scene, brief, duration=duration, simple=simple, image=image)
    unread = unread_words(brief, made.text)
    shots = ", ".join(target.rpartition("/")[2] for target in made.targets)
    settings.echo_diagnostics(made.diagnostics, project.root)
    lines = [f"wrote {made.file}: {shots}", *([f"scenes/{scene}: {image} is its first shot"] if image else []),
             *([f"in no shot: {', '.join(unread)}; say it in `markers` or in a `prompt`"] if unread else []),
             f"next: calotype plan --prompts {shlex.quote(f'scenes/{scene}')}     # then calotype build"]
    settings.echo_status("\n".join(lines), {
        "schema": SCHEMA, "file": made.file, "targets": list(made.targets), "unread": list(unread),
        "diagnostics": [note.as_json() for note in made.diagnostics]})
    return EXIT_DONE
