"""A build with a person at the terminal: progress while it runs, a clean stop at ^C, its outcome printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from calotype.ground.diagnostics import EXIT_DONE, EXIT_INTERRUPTED
from calotype.project.overrides import Profile
from calotype.roof.cli.interrupt import Interrupt
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.stdout import reserved
from calotype.roof.report.progress import progress


def run_build(settings: Settings, *, targets: Sequence[str] = (), dry_run: bool = False, **options: Any) -> int:
    """Builds and prints the outcome; returns the exit code. `options` are the others of `Project.build`."""
    project = settings.open()
    names = settings.named(project.root, targets)
    with (Interrupt() as interrupt, progress(quiet=settings.quiet, verbose=settings.verbose) as listener,
          reserved()):
        outcome = project.build(names, dry_run=dry_run, **options, listener=listener, cancel=interrupt.requested)
    preview = Profile(options.get("preset"), options.get("renderer"))
    settings.echo_outcome(outcome, project.root, "plan" if dry_run else "build", preview)
    if interrupt.requested():
        return EXIT_INTERRUPTED
    return EXIT_DONE if dry_run else outcome.exit_code
