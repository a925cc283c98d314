"""`calotype demo`: a small project of its own, drawn in the browser while one looks."""

from __future__ import annotations

import os
from pathlib import Path

import click

from calotype.ground.diagnostics import Problem, error
from calotype.ground.folders import MARKER
from calotype.ground.refusals import make_output_folder
from calotype.roof.cli.new_project import project_files, write_new
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples, shared
from calotype.roof.cli.stdout import echo
from calotype.roof.cli.template import template_files

TEMPLATE, FOLDER = "demo", "calotype-demo"
SPEC, OLD, NEW = "specs/exercises/neck/chin_tuck.yaml", "neck_retraction: 4.5, neck_flexion: 6", "neck_flexion: 30"
"""The line that one is asked to edit: what stands there, and what to write."""


@click.command("demo", epilog=examples("calotype demo", "calotype demo --no-open tryout"))
@shared
@click.option("--open/--no-open", "open_browser", default=True, help="Open the browser (the default), or not.")
@click.option("--port", default=3456, type=click.IntRange(0, 65535), metavar="N", help="3456; 0 takes a free one.")
@click.argument("directory", required=False, default=FOLDER, metavar="[DIR]", type=click.Path())
@click.pass_obj
def command(settings: Settings, directory: str, open_browser: bool, port: int) -> int:
    """Draw a small new project in the browser.

    It is written into DIR, a new folder. Eight pictures appear while you look; one waits for your choice in the inbox.
    Then it names a line to edit, and what changes when you save it. Begun again on the same folder, it goes on.
    """
    from calotype.roof.studio.installed import require_studio

    require_studio()
    root = Path(directory)
    files = template_files(TEMPLATE)
    _require_place(root, files)
    make_output_folder(root, "name one elsewhere")
    for name, text in project_files(files, with_specs=True).items():
        write_new(root, name, text)
    if not settings.quiet:
        echo(_welcome(root))
    from calotype.roof.studio.serve import StudioOptions, serve

    return serve(root.resolve(), StudioOptions(port=port, open_browser=open_browser, quiet=settings.quiet))


def _require_place(root: Path, files: dict[str, str]) -> None:
    """Raises Problem where `root` is there, and is neither empty nor the demo of another time."""
    if root.is_symlink() or (root.exists() and not root.is_dir()):
        raise Problem(error("in-the-way", f"`{root}` is no folder", hint="name a new one: `calotype demo tryout`"))
    if root.exists() and os.listdir(root) and not _is_demo(root, files):
        raise Problem(error("in-the-way", f"`{root}` is not empty", hint="name a new one: `calotype demo tryout`"))


def _is_demo(root: Path, files: dict[str, str]) -> bool:
    """Whether it holds the demo's configuration, or no configuration yet and nothing but files of the demo."""
    marker = root / MARKER
    if marker.is_file():
        return marker.read_bytes() == files[MARKER].encode()
    present = {path.relative_to(root).as_posix() for path in root.rglob("*.yaml")}
    return bool(present) and present <= set(files)


def _welcome(root: Path) -> str:
    path = root / SPEC
    line = next((number for number, text in enumerate(path.read_text("utf-8").splitlines(), 1) if OLD in text), None)
    if line is None:
        return f"{root} goes on. Save any file in {root / 'specs'}, and see the picture change."
    return (f"{root}: three exercises, eight pictures. They are drawn while you look.\n\n"
            f"Then edit one line, and save:  {path}:{line}\n"
            f"  {OLD}\nbecomes\n  {NEW}\n")
