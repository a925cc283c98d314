"""`calotype init`: a new project that builds at once."""

from __future__ import annotations

import json
import shlex
from importlib.resources import files
from pathlib import Path

import click

from calotype.ground.atomic import write_bytes
from calotype.ground.diagnostics import EXIT_DONE, Diagnostic, Problem, error, warning
from calotype.ground.folders import MARKER, STYLES
from calotype.ground.gitignore import IGNORE_ALL
from calotype.ground.paths import find_root, inside
from calotype.ground.target_names import DOCUMENT_KINDS
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared

ATTRIBUTES = """\
*.png binary
*.npy binary
*.safetensors binary
content/manifest.json text eol=lf
content/manifest/**/*.jsonl text eol=lf merge=union
"""
EXAMPLE = "specs/exercises/shoulder/shoulder_abduction.yaml"
STYLE = "medical.j2"
"""The packaged style of a new project's exercises: its first and last words are what an author edits first."""


@click.command("init", epilog=examples(
    "calotype init my-project && cd my-project && calotype build",
    "calotype init                 # here",
))
@shared
@click.argument("directory", required=False, metavar="[DIR]", type=click.Path())
@click.pass_obj
def command(settings: Settings, directory: str | None) -> int:
    """Write a new project to DIR, or here.

    It holds calotype.yaml, one exercise, its prompt style, the JSON Schemas for the editor and git's files.
    Nothing that is there already is overwritten, and a project or a folder of specs that is there gets no
    exercise.
    """
    root = Path(directory or settings.project or ".")
    warnings = _look(root)
    settings.echo_diagnostics(warnings, None)
    project = _project(with_example=not _holds_specs(root))
    written = [name for name, text in project.items() if _write_new(root, name, text)]
    listed = [name for name in project if settings.verbose or _is_listed(name)]
    lines = [f"{'wrote' if name in written else 'kept '} {name}" for name in listed]
    where = "" if root.resolve() == Path.cwd() else f"cd {shlex.quote(str(root))} && "
    lines += [f"next: {where}calotype build     # then open build/index.html"]
    if not written:
        lines = ["everything is there already; nothing written", "hint: `calotype init NAME` makes a project elsewhere"]
    value = {"schema": SCHEMA, "written": written, "diagnostics": [diagnostic.as_json() for diagnostic in warnings]}
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


def _holds_specs(root: Path) -> bool:
    return (root / MARKER).exists() or any((root / "specs").rglob("*.yaml"))


def _is_listed(name: str) -> bool:
    """Schemas and what only keeps a folder are listed with -v."""
    return "/." not in name


def _project(*, with_example: bool) -> dict[str, str]:
    """Every file of a new project: its path and its text."""
    from calotype.language.prompt.styles import PACKAGED
    from calotype.language.schema.validate import json_schema

    skeleton = files("calotype.roof.cli") / "skeleton"
    example = (skeleton / "shoulder_abduction.yaml").read_text("utf-8")
    return {
        MARKER: (skeleton / MARKER).read_text("utf-8"),
        **({EXAMPLE: example} if with_example else {}),
        f"{STYLES}/{STYLE}": (PACKAGED / STYLE).read_text("utf-8"),
        **{f"specs/.schemas/{kind}.json": json.dumps(json_schema(kind), indent=1) + "\n" for kind in DOCUMENT_KINDS},
        "content/.gitkeep": "",
        "build/.gitignore": IGNORE_ALL,
        "cache/.gitignore": IGNORE_ALL,
        ".gitattributes": ATTRIBUTES,
    }


def _write_new(root: Path, name: str, text: str) -> bool:
    """Writes `text` unless something is there already, a dangling link among it. Returns whether it did. Raises Problem
    where a link leads out of the project."""
    path = root / name
    if path.exists() or path.is_symlink():
        return False
    try:
        inside(root, name)
    except ValueError as cause:
        raise Problem(error("path-outside", str(cause), file=name, hint="remove the link")) from None
    try:
        write_bytes(path, text.encode(), durable=False)
    except FileNotFoundError:  # what /proc says of a folder that is to be made there
        raise Problem(error("in-the-way", f"no folder can be made at `{root}`", hint="name one elsewhere")) from None
    return True
