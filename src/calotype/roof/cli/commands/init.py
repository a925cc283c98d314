"""`calotype init`: a new project that builds at once."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import groupby
from pathlib import Path

import click

from calotype.ground.diagnostics import EXIT_DONE, Diagnostic, Problem, error, warning
from calotype.ground.folders import MARKER, SPECS
from calotype.ground.paths import find_root
from calotype.ground.refusals import make_output_folder
from calotype.ground.target_names import SPEC_KINDS
from calotype.roof.cli.choice import Choice
from calotype.roof.cli.new_project import project_files, write_new
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared
from calotype.roof.cli.template import NAMES, START, kind_of, template_files

MANY = 3
"""Files of one folder that are told one by one."""


@click.command("init", epilog=examples(
    "calotype init my-project && cd my-project && calotype build",
    "calotype init                           # here",
    "calotype init --template physio clinic",
))
@shared
@click.option("--template", type=Choice(NAMES), help="What the project begins with, in place of one exercise.")
@click.argument("directory", required=False, metavar="[DIR]", type=click.Path())
@click.pass_obj
def command(settings: Settings, template: str | None, directory: str | None) -> int:
    """Write a new project to DIR, or here.

    It holds calotype.yaml, one exercise or what the template has, its prompt style, the JSON Schemas for the
    editor and git's files. Nothing that is there already is overwritten, and a project or a folder of specs that
    is there gets no specs.

    \b
    Templates:
      physio      everyday exercises, each with its dosage and precautions
      character   one figure that stays itself: anchors, and variations from them
      lora        pictures and captions of one figure, to train a LoRA on
      storyboard  a scene in four shots, each starting from the one before
    """
    root = Path(directory or settings.project or ".")
    files = template_files(template or START)
    warnings = [*_look(root), *_left_out(root, template, files)]
    settings.echo_diagnostics(warnings, None)
    project = project_files(files, with_specs=not _is_begun(root, files))
    make_output_folder(root, "name one elsewhere")
    written = {name for name, text in project.items() if write_new(root, name, text)}
    listed = [name for name in project if settings.verbose or _is_listed(name)]
    lines = [*_summary(listed, written, len(project) if settings.verbose else MANY), _next(root)]
    if not written:
        lines = ["everything is there already; nothing written", "hint: `calotype init NAME` makes a project elsewhere"]
    value = {"schema": SCHEMA, "template": template, "written": [name for name in project if name in written],
             "diagnostics": [diagnostic.as_json() for diagnostic in warnings]}
    settings.echo_status("\n".join(lines), value)
    return EXIT_DONE


def _look(root: Path) -> list[Diagnostic]:
    """A warning where `root` lies inside a project. Raises Problem where it cannot be a folder."""
    wall = next((path for path in (root, *root.parents) if path.exists()), root)
    if wall.exists() and not wall.is_dir():
        hint = "name a folder, new or not: `calotype init my-project`"
        raise Problem(error("in-the-way", f"`{wall}` is a file, not a folder", hint=hint))
    above = find_root(root.absolute().parent)
    if above is not None and not (root / MARKER).exists():
        hint = "a command uses the nearest one upwards: inside the new folder, the new one"
        return [warning("nested-project", f"`{above}` is a project already", hint=hint)]
    return []


def _left_out(root: Path, template: str | None, files: Mapping[str, str]) -> list[Diagnostic]:
    """A warning where specs of a template that was asked for are not written, because there are others."""
    missing = [name for name in files if kind_of(name) in SPEC_KINDS and not (root / name).exists()]
    if template is None or not missing or not _is_begun(root, files):
        return []
    begun = MARKER if (root / MARKER).exists() else SPECS
    message = f"`{root}` holds {begun} already: no spec of `{template}` is written; {len(missing)} are missing"
    hint = f"`calotype init --template {template} NAME` makes a project elsewhere; copy from its specs/ what you like"
    return [warning("template-left-out", message, hint=hint)]


def _is_begun(root: Path, files: Mapping[str, str]) -> bool:
    """Whether `root` is a project, or holds specs that are not the template's own. These are what an `init` that was
    stopped leaves: it writes calotype.yaml last."""
    specs = (root / SPECS).rglob("*.yaml")
    return (root / MARKER).exists() or any(
        not _is_text(path, files.get(path.relative_to(root).as_posix())) for path in specs)


def _is_text(path: Path, text: str | None) -> bool:
    return text is not None and path.is_file() and path.read_bytes() == text.encode()


def _summary(names: Sequence[str], written: Set[str], many: int) -> Iterator[str]:
    """A line for each file, or one for those of a folder that are more than `many`."""
    def group(name: str) -> tuple[str, str]:
        return name.rpartition("/")[0], "wrote" if name in written else "kept "

    for (folder, verb), members in groupby(sorted(names, key=group), key=group):
        paths = list(members)
        if len(paths) > many:
            paths = [f"{folder}/ ({len(paths)} files)"]
        yield from (f"{verb} {path}" for path in paths)


def _next(root: Path) -> str:
    where = "" if root.resolve() == Path.cwd() else f"cd {shlex.quote(str(root))} && "
    return f"next: {where}calotype build     # then open build/index.html"


def _is_listed(name: str) -> bool:
    """Schemas and what only keeps a folder are listed with -v."""
    return "/." not in name
