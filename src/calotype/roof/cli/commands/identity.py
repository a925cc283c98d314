"""`calotype identity`: which pictures show a character, and the embedding that stands for it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


class Threshold(click.ParamType["float | Literal['auto']"]):
    """`auto`, or a number from 0 to 1."""

    name = "threshold"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | Literal["auto"]:
        if value == "auto":
            return "auto"
        try:
            number = float(value)
        except ValueError:
            self.fail(f"`{value}` is no threshold: write a number from 0 to 1, or auto", param, ctx)
        if not 0 <= number <= 1:
            self.fail(f"`{value}`: a threshold is from 0 to 1", param, ctx)
        return number


@click.command(
    "identity",
    epilog=examples(
        "calotype identity ann renders/*.png",
        "calotype identity ann renders/*.png -q | xargs cp -t kept",
        "calotype identity ann --save refs/ann.npy",
        "calotype identity doll a.png --method palette --threshold auto",
    ),
)
@shared
@click.argument("character")
@click.argument("images", nargs=-1, metavar="[IMAGE]...", type=click.Path())
@click.option("--save", metavar="FILE.npy", type=click.Path(path_type=Path),
              help="Write the embedding that stands for all its references.")
@click.option("--method", metavar="NAME", help="arcface, dino, palette or a plug-in's; else the character's own.")
@click.option("--threshold", metavar="N|auto", type=Threshold(), help="The least similarity; else the character's own.")
@click.pass_obj
def command(
    settings: Settings, character: str, images: tuple[str, ...], save: Path | None, method: str | None,
    threshold: float | Literal["auto"] | None,
) -> int:
    """Tell which of the IMAGEs show CHARACTER.

    Each is compared with the character's references, else with its published anchors, as `identity` in its spec says. A
    picture that shows no face (or no figure) tells nothing, and is not kept. With -q only the paths of those kept are
    printed. Exit 0 whatever they show.
    """
    from calotype.roof.report.judging.identity_text import describe_identity

    if not images and save is None:
        raise click.UsageError("name the images to compare, or a file with --save")
    project = settings.open()
    saved = project.save_identity(character, save, method=method) if save is not None else None
    report = project.identity(character, images, method=method, threshold=threshold) if images else None
    compared = {**asdict(report), "kept": len(report.kept), "of": len(images)} if report is not None else {}
    lines = [] if report is None else [describe_identity(report, quiet=settings.quiet, stream=sys.stdout)]
    lines += [f"wrote {saved}"] if saved is not None and not settings.quiet else []
    value = {"schema": SCHEMA, **compared, "saved": saved, "diagnostics": []}
    settings.echo_result("\n".join(filter(None, lines)), value)
    return EXIT_DONE
