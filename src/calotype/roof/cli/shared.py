"""What every command takes, before its name or after it: --project, --json, -q, -v. Must not know any."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from calotype.ground.diagnostics import Diagnostic
from calotype.roof.cli.stdout import mutter, say

if TYPE_CHECKING:
    from calotype.build.outcome import Outcome
    from calotype.build.project import Project

Function = TypeVar("Function", bound=Callable[..., Any])
SCHEMA = 1


@dataclass(slots=True)
class Settings:
    """The shared options of one command line."""

    project: str | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False

    def open(self) -> Project:
        """The project asked for. Raises Problem when there is none."""
        from calotype.build.project import Project

        return Project.open(self.project)

    def answer(self, text: str, value: Mapping[str, Any]) -> None:
        """Prints a command's result: `value` as one JSON object with --json, else `text`."""
        if self.json:
            import json

            say(json.dumps(value))
        elif text:
            say(text)

    def remark(self, text: str, value: Mapping[str, Any]) -> None:
        """As `answer`, for a result that -q leaves out because the exit code says it."""
        self.answer("" if self.quiet else text, value)

    def complain(self, diagnostics: Sequence[Diagnostic], root: Path | None) -> None:
        """Prints diagnostics to stderr; -q keeps only the errors."""
        from calotype.roof.report.diagnostics import show

        told = [one for one in diagnostics if one.severity == "error" or not self.quiet]
        if told:
            mutter(show(told, root, sys.stderr))


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
        "--renderer", metavar="NAME", help="Use this renderer; publishes under build/preview/."
    )(function)
    return click.option("--preset", metavar="NAME", help="Use this preset; publishes under build/preview/.")(
        function
    )


def tell(settings: Settings, outcome: Outcome, root: Path, verb: str) -> None:
    """Prints what a plan, a build or a check found."""
    from calotype.roof.report.outcome import summary

    settings.complain(outcome.diagnostics, root)
    text = summary(outcome, verb, verbose=settings.verbose, stream=sys.stdout)
    settings.remark(text, outcome.as_json())


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    settings = ctx.find_root().ensure_object(Settings)
    if value:
        setattr(settings, param.name or "", value)


def examples(*lines: str) -> str:
    """The epilog of a command's help: one example a line, kept as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
