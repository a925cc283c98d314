"""`calotype show`: one target, its candidates and what was decided; and copies of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from calotype.ground.diagnostics import EXIT_DONE, EXIT_FAILED, Diagnostic, Problem, error
from calotype.ground.light_dataclass import asdict
from calotype.project.answers import CandidateFiles, CandidateRow
from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared
from calotype.roof.cli.stdout import echo

if TYPE_CHECKING:
    from calotype.api import Project


@click.command(
    "show",
    epilog=examples(
        "calotype show characters/leo/anchors/front",
        "calotype show characters/leo/anchors/front --candidates -o front",
        "calotype show exercises/chin_tuck/01 -o pictures   # what is published",
        "calotype show exercises/chin_tuck/01 --picture | less -R",
    ),
)
@shared
@click.argument("target", shell_complete=complete_targets)
@click.option("--candidates", is_flag=True, help="Write every candidate, and scores.json; needs -o.")
@click.option("-o", "--output", metavar="DIR", type=click.Path(path_type=Path),
              help="Write copies into this folder; what was retouched there is never overwritten.")
@click.option("--picture/--no-picture", default=None,
              help="Draw its pictures in half blocks; else that is done on a terminal with colours.")
@click.pass_obj
def command(
    settings: Settings, target: str, candidates: bool, output: Path | None, picture: bool | None
) -> int:
    """Show TARGET: its picture, its candidates, what was decided.

    With -o the published picture is copied into DIR, with --candidates all candidates, as front_01.png, ..., and
    scores.json. A copy that you retouched comes back by `calotype pick TARGET FILE`.
    """
    if picture is not None and (output is not None or settings.json):
        word, reason = "picture" if picture else "no-picture", "-o" if output is not None else "--json"
        raise Problem(error("without-effect", f"`--{word}` has no effect with {reason}", hint="leave one out"))
    project = settings.open()
    (name,) = settings.named(project.root, [target])
    if candidates:
        if output is None:
            raise Problem(error("usage", "--candidates writes files, and says not where", hint="add -o DIR"))
        return _echo_files(settings, project.write_candidates(name, output))
    if output is not None:
        path = project.write_picture(name, output)
        settings.echo_result("" if settings.quiet else path, {"schema": SCHEMA, "path": path, "diagnostics": []})
        return EXIT_DONE
    from calotype.roof.report.target_view import describe_target

    view = project.show(name)
    text = describe_target(view, sys.stdout)
    if not settings.json and (view.pixels or view.candidates):
        _draw(project, name, text, picture, quiet=settings.quiet)
    settings.echo_result(text, {"schema": SCHEMA, **asdict(view), "diagnostics": []})
    return EXIT_DONE


def _draw(project: Project, target: str, text: str, asked: bool | None, *, quiet: bool) -> None:
    """Draws the pictures of `target` above the `text` about it, where that is `asked` for; where nothing is said, on a
    terminal that can show them."""
    from calotype.roof.report.terminal_picture import draw, most_side_by_side, shows_pictures

    if not (shows_pictures(sys.stdout) and not quiet if asked is None else asked):
        return
    pictures = project.pictures(target, most_side_by_side())
    if pictures:
        echo(draw(pictures, text.count("\n") + 1, sys.stdout), verbatim=True)


def _echo_files(settings: Settings, written: CandidateFiles) -> int:
    """Tells what was written; of what is gone an error each."""
    gone = [_gone(written.target, row) for row in written.gone]
    settings.echo_diagnostics(gone, None)
    text = "\n".join(f"{written.folder}/{row.file}" for row in written.candidates if row.file is not None)
    settings.echo_result("" if settings.quiet else text, {
        "schema": SCHEMA, **asdict(written), "diagnostics": [diagnostic.as_json() for diagnostic in gone]})
    return EXIT_FAILED if gone else EXIT_DONE


def _gone(target: str, row: CandidateRow) -> Diagnostic:
    if row.number is None:
        return error("gone", f"the picture {row.pixels[:12]}, which was put in for `{target}`, is lost",
                     hint=f"put it in again: calotype pick {target} FILE")
    return error("gone", f"candidate {row.number} of `{target}` ({row.pixels[:12]}) is in no cache any more",
                 hint=f"it is rendered again when it is picked: calotype pick {target} {row.number}, then build")
