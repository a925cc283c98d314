"""The option `--preview` of the commands that build while one edits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from calotype.ground.diagnostics import Problem
from calotype.project.overrides import DRAWN, preview_of

Function = TypeVar("Function", bound=Callable[..., Any])


class PreviewCommand(click.Command):
    """Reads `--preview` as `--preview=mannequin`: the next word is a target, not its value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        words = [f"--preview={DRAWN}" if word == "--preview" else word for word in args[:end]]
        return super().parse_args(ctx, [*words, *args[end:]])


def preview_option(function: Function) -> Function:
    """Adds --preview and --preview=PRESET."""
    return click.option(
        "--preview", metavar="[=PRESET]",
        help="Show what takes long first as the mannequin draws it, or as PRESET renders it.")(function)


def require_preset(root: Path, preview: str) -> None:
    """Raises Problem where there is no preset of that name. What else is wrong the first build tells."""
    from calotype.project.workspace import open_workspace

    try:
        with open_workspace(root, preview_of(preview)):
            return
    except Problem as problem:
        if any(fault.code == "unknown-preset" for fault in problem.diagnostics):
            raise
