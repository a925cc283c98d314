"""The options that every command has, and how it prints its result."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Diagnostic
from calotype.ground.light_dataclass import dataclass
from calotype.roof.cli.stdout import echo, echo_err, echo_status

if TYPE_CHECKING:
    from calotype.api import Project
    from calotype.project.last_build import Comparison
    from calotype.project.outcome import Outcome
    from calotype.project.overrides import Profile

SCHEMA = 1
"""Of every command's JSON object."""


@dataclass(slots=True)
class Settings:
    """The shared options of one command line. `diff`: how the project differs from what the last build left, where that
    has been found out already. `kept`: a project that is open already, for a command line that speaks of it."""

    project: str | None = None
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    diff: Comparison | None = None
    kept: Project | None = None

    def open(self) -> Project:
        """The project asked for. Raises Problem when there is none."""
        from calotype.api import Project

        root = Project.open(self.project).root
        if self.kept is not None and self.kept.root == root:
            return self.kept
        return Project(root, self.diff)

    def named(self, root: Path, targets: Sequence[str]) -> tuple[str, ...]:
        """What the command line calls targets, as the project at `root` calls it: a path that exists is read from where
        one stands."""
        return tuple(_from_here(root, target) for target in targets)

    def echo_result(self, text: str, value: Mapping[str, Any]) -> None:
        """Prints a command's result: `value` as one JSON object with --json, else `text`."""
        if self.json:
            import json

            echo(json.dumps(value))
        elif text:
            echo(text)

    def echo_status(self, text: str, value: Mapping[str, Any]) -> None:
        """As `echo_result`, for a result that -q leaves out because the exit code says it."""
        if self.json:
            self.echo_result(text, value)
        elif text and not self.quiet:
            echo_status(text)

    def echo_diagnostics(self, diagnostics: Sequence[Diagnostic], root: Path | None) -> None:
        """Prints diagnostics to stderr; -q keeps only the errors."""
        from calotype.roof.report.diagnostic_text import show

        shown = [diagnostic for diagnostic in diagnostics if diagnostic.severity == "error" or not self.quiet]
        if shown:
            echo_err(show(shown, root, sys.stderr, verbose=self.verbose))

    def echo_outcome(
        self, outcome: Outcome, root: Path, verb: str, profile: Profile | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Prints what a plan, a build or a check (`verb`) came to; and where those of an overridden build are. `more`
        is what the JSON object holds besides."""
        from calotype.roof.report.summary import prompts, summary, where_previews_are

        self.echo_diagnostics(outcome.diagnostics, root)
        text = summary(outcome, verb, verbose=self.verbose, stream=sys.stdout)
        if profile is not None and profile.overrides and verb == "build":
            text = f"{text}\n{where_previews_are(profile)}"
        if outcome.prompts is not None and not self.json:
            echo(prompts(outcome.prompts, sys.stdout))
        value = {**outcome.as_json(), **(more or {})}
        if verb == "plan" and not self.quiet:
            self.echo_result(text, value)
        else:
            self.echo_status(text, value)


def _from_here(root: Path, target: str) -> str:
    """A glob is left as it is: the shell reads one from where one stands, and a quoted one means targets. So is
    an empty word, as of a variable that is not set: it names nothing."""
    if not target:
        return target
    try:
        place = Path(os.path.normpath(os.path.join(os.getcwd(), target)))
    except FileNotFoundError:  # the folder that one stood in is gone
        return target
    if not place.is_relative_to(root) or not os.path.lexists(place):
        return target
    return "*" if place == root else place.relative_to(root).as_posix()
