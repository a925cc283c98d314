"""The projects that `init` begins with: trees of files in `templates/`, read from the installed package."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

from calotype.ground.folders import MARKER, POSES, SCHEMAS
from calotype.ground.target_names import KIND_OF_FOLDER

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

START = "start"
"""The template of `init` by itself: one exercise."""
NAMES = ("physio", "character", "lora", "storyboard")
"""Those that have to be asked for, as help lists them."""


def template_files(name: str) -> dict[str, str]:
    """Every file of the template `name`: its path in the project and its text, sorted."""
    tree = files("calotype.roof.cli") / "templates" / name
    return {path: modeline(path) + text for path, text in sorted(_walk(tree, ""))}


def kind_of(path: str) -> str | None:
    """The kind of document that stands at `path` of a project; None for a file that is none."""
    parts = path.split("/")
    if path == MARKER:
        return "config"
    if path.startswith(f"{POSES}/"):
        return "pose"
    return KIND_OF_FOLDER.get(parts[1]) if len(parts) > 2 and parts[0] == "specs" else None


def modeline(path: str) -> str:
    """The line by which an editor finds the JSON Schema of the document at `path`; empty where it is none."""
    kind = kind_of(path)
    if kind is None:
        return ""
    schemas = SCHEMAS if kind == "config" else "../" * (path.count("/") - 1) + SCHEMAS.partition("/")[2]
    return f"# yaml-language-server: $schema={schemas}/{kind}.json\n"


def _walk(folder: Traversable, above: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        path = f"{above}{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, f"{path}/")
        else:
            yield path, entry.read_text("utf-8")
