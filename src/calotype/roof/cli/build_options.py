"""A build as the command line runs it: progress, ^C, the answer. Must not know how words are parsed."""

from __future__ import annotations

from calotype.ground.diagnostics import EXIT_DONE, EXIT_INTERRUPTED
from calotype.ground.light_dataclass import dataclass
from calotype.roof.cli.interrupt import Interrupt
from calotype.roof.cli.settings import Settings, tell
from calotype.roof.report.progress import progress


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """The options of `calotype build`."""

    targets: tuple[str, ...] = ()
    preset: str | None = None
    renderer: str | None = None
    jobs: int | None = None
    keep_going: bool = True
    dry_run: bool = False
    executor: str = "local"


def build(settings: Settings, asked: BuildOptions) -> int:
    """Runs it and prints what became of it; returns the exit code."""
    project = settings.open()
    with Interrupt() as interrupt, progress(quiet=settings.quiet, verbose=settings.verbose) as listener:
        outcome = project.build(
            asked.targets, jobs=asked.jobs, keep_going=asked.keep_going, dry_run=asked.dry_run, executor=asked.executor,
            preset=asked.preset, renderer=asked.renderer, listener=listener, cancel=interrupt.asked,
        )
    tell(settings, outcome, project.root, "plan" if asked.dry_run else "build")
    if interrupt.asked():
        return EXIT_INTERRUPTED
    return EXIT_DONE if asked.dry_run else outcome.exit_code
