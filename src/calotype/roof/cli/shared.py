"""What every command takes, before its name or after it: --project, --json, -q, -v."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from calotype.roof.cli.settings import Settings

Function = TypeVar("Function", bound=Callable[..., Any])

MOST_JOBS = 1024
"""More batches at a time than any machine has places for: each would cost memory before there is work for it."""


def shared(function: Function) -> Function:
    """Adds the shared options; their values gather in one `Settings`, wherever on the line they stand."""
    options = [
        click.option(
            "--project",
            metavar="DIR",
            expose_value=False,
            callback=_keep,
            type=click.Path(),
            help="The project's folder; else the nearest calotype.yaml upwards.",
        ),
        click.option(
            "--json",
            is_flag=True,
            expose_value=False,
            callback=_keep,
            help="One JSON object on stdout; the rest goes to stderr.",
        ),
        click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_keep, help="Only errors."),
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            expose_value=False,
            callback=_keep,
            help="Every target, every detail.",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def profile(function: Function) -> Function:
    """Adds --preset and --renderer: another way to build, published under build/preview/."""
    function = click.option(
        "--renderer", metavar="NAME", help="With this renderer: a build of its own, in build/preview/."
    )(function)
    return click.option("--preset", metavar="NAME", help="With this preset: a build of its own, in build/preview/.")(
        function
    )


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    settings = ctx.find_root().ensure_object(Settings)
    if value:
        setattr(settings, param.name or "", value)


def examples(*lines: str) -> str:
    """The epilog of a command's help: one example a line, kept as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
