"""The names of targets, and files, for a shell to complete. Whatever goes wrong there completes nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import click

from calotype.ground.diagnostics import Problem

MOST = 500
"""More names are no help at a prompt: their specs are given instead."""


def complete_files(context: click.Context, parameter: click.Parameter, begun: str) -> list[Any]:
    """Leaves it to the shell to complete the path of a file, where one may stand for a candidate."""
    is_file = context.info_name == "pick"
    return [click.shell_completion.CompletionItem(begun, type="file")] if is_file else []


def complete_targets(context: click.Context, parameter: click.Parameter, begun: str) -> list[Any]:
    """The targets, as the last build knew them, that begin with what is typed; of very many, their specs."""
    from calotype.api import Project

    names: list[str] = []
    with suppress(Problem, OSError):
        project = context.find_root().params.get("project") or context.params.get("project")
        names = [name for name in Project.open(project).known_targets() if name.startswith(begun)]
    if len(names) > MOST:
        names = list(dict.fromkeys(f"{name.rsplit('/', 1)[0]}/" for name in names))
    return [click.shell_completion.CompletionItem(name) for name in names]


def complete_characters(context: click.Context, parameter: click.Parameter, begun: str) -> list[Any]:
    """The ids of the characters, as the last build knew them, that begin with what is typed."""
    from calotype.api import Project

    ids: dict[str, None] = {}
    with suppress(Problem, OSError):
        project = context.find_root().params.get("project") or context.params.get("project")
        names = (name.split("/") for name in Project.open(project).known_targets())
        ids = dict.fromkeys(spec_id for folder, spec_id, *_ in names if folder == "characters")
    return [click.shell_completion.CompletionItem(spec_id) for spec_id in ids if spec_id.startswith(begun)]
