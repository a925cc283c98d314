"""`calotype init`: a new project that builds at once. Must not overwrite anything."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import click

from calotype.build.ledger import IGNORE_ALL
from calotype.ground.atomic import write_bytes
from calotype.ground.diagnostics import EXIT_DONE
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared

ATTRIBUTES = """\
*.png binary
*.npy binary
*.safetensors binary
content/manifest.json text eol=lf
content/manifest/**/*.jsonl text eol=lf merge=union
"""
SCHEMAS = ("exercise", "character", "scene", "pose", "config", "picks")


@click.command("init", epilog=examples("calotype init", "calotype init my-project"))
@shared
@click.argument("directory", required=False, metavar="[DIR]", type=click.Path())
@click.pass_obj
def command(settings: Settings, directory: str | None) -> int:
    """Write a new project to DIR, or here.

    It holds calotype.yaml, one exercise, the JSON Schemas for the editor and git's files. Nothing that is
    there already is overwritten.
    """
    root = Path(directory or settings.project or ".")
    written = [name for name, text in _project().items() if _write_new(root / name, text)]
    lines = [*(f"wrote {name}" for name in written if settings.verbose or "/." not in name)]
    where = f"cd {root} && " if directory else ""
    lines += [f"next: {where}calotype build" if written else "everything is there already; nothing written"]
    settings.remark("\n".join(lines), {"schema": SCHEMA, "written": written, "diagnostics": []})
    return EXIT_DONE


def _project() -> dict[str, str]:
    """Every file of a new project: its path and its text."""
    from calotype.language.schema import json_schema

    skeleton = files("calotype.roof.cli") / "skeleton"
    return {
        "calotype.yaml": (skeleton / "calotype.yaml").read_text("utf-8"),
        "specs/exercises/shoulder/shoulder_abduction.yaml": (skeleton / "shoulder_abduction.yaml").read_text(
            "utf-8"
        ),
        **{f"specs/.schemas/{kind}.json": json.dumps(json_schema(kind), indent=1) + "\n" for kind in SCHEMAS},
        "templates/.gitkeep": "",
        "content/.gitkeep": "",
        "build/.gitignore": IGNORE_ALL,
        "cache/.gitignore": IGNORE_ALL,
        ".gitattributes": ATTRIBUTES,
    }


def _write_new(path: Path, text: str) -> bool:
    """Writes `text` unless something is there already, a dangling link among it. Returns whether it did."""
    if path.exists() or path.is_symlink():
        return False
    write_bytes(path, text.encode(), durable=False)
    return True
