"""`calotype handout`: exercises on paper, for one patient."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unicodedata import category

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared

LONGEST = 200


class Line(click.ParamType[str]):
    """What stands on a line of the page: a text of at most `LONGEST` letters."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = " ".join(str(value).split())
        if len(text) > LONGEST:
            self.fail(f"{len(text)} letters; a line of the page may hold {LONGEST}", param, ctx)
        if any(category(letter) in ("Cc", "Cs") for letter in text):
            self.fail("holds what cannot be printed", param, ctx)
        return text


@click.command("handout", epilog=examples(
    "calotype handout exercises/chin_tuck exercises/cat_cow -o handout.html",
    "calotype handout exercises/chin_tuck/01 -o neck.html --clinic 'Harbour Physio' --patient 'A. Novak'",
    "calotype handout exercises/pendulum -o left.html --mirror",
    "calotype handout 'exercises/*' -o vaje.html --lang sl   # strings in templates/handout/sl.yaml"))
@shared
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...", shell_complete=complete_targets)
@click.option("-o", "--output", required=True, metavar="FILE.html", type=click.Path(path_type=Path),
              help="The file to write; an older handout there is replaced, nothing else is.")
@click.option("--mirror", is_flag=True, help="For the other side of the body: pictures and words.")
@click.option("--lang", default="en", metavar="LANG", show_default=True,
              help="The language of the page's own words: strings in templates/handout/LANG.yaml.")
@click.option("--clinic", type=Line(), default="", metavar="TEXT", help="On its line, else left to be written.")
@click.option("--patient", type=Line(), default="", metavar="TEXT", help="On its line, else left to be written.")
@click.option("--date", type=Line(), default="", metavar="TEXT", help="On its line, else left to be written.")
@click.pass_obj
def command(
    settings: Settings, targets: tuple[str, ...], output: Path, mirror: bool, lang: str, clinic: str, patient: str,
    date: str,
) -> int:
    """Put exercises on paper, for one patient.

    One HTML file for A4 that needs no other: pictures, captions, dosage, equipment and precautions of each exercise, in
    the order of the TARGETs, and lines for clinic, patient and date. Every picture must be published and up to date.
    """
    project = settings.open()
    names = settings.named(project.root, targets)
    made = project.handout(names, output, mirror=mirror, language=lang, clinic=clinic, patient=patient, date=date)
    settings.echo_diagnostics(made.diagnostics, project.root)
    settings.echo_result("" if settings.quiet else made.path, {
        "schema": SCHEMA, "path": made.path, "language": lang, "mirror": mirror,
        "exercises": [{"target": target, "title": title, "images": images} for target, title, images in made.exercises],
        "diagnostics": [diagnostic.as_json() for diagnostic in made.diagnostics],
    })
    return EXIT_DONE
