"""`calotype judge`: how good the scorers are, held against what people chose."""

from __future__ import annotations

import sys
from typing import Any

import click

from calotype.ground.diagnostics import EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED
from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.interrupt import Interrupt
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared
from calotype.roof.cli.stdout import reserved

STOPPING = "\nstopping after what is being scored now; once more to stop at once"


@click.command(
    "judge",
    epilog=examples(
        "calotype judge",
        "calotype judge 'characters/*'",
        "calotype judge --json | jq -r .change | patch -p0   # takes its weights",
    ),
)
@shared
@click.argument("targets", nargs=-1, metavar="[TARGET]...", shell_complete=complete_targets)
@click.pass_obj
def command(settings: Settings, targets: tuple[str, ...]) -> int:
    """Judge the scorers by what people chose.

    Of all picks and approvals: how often each scorer, and the weighted sum, had the human's choice first, against
    chance; which scorers agree; and the weights that fit best, as a change to calotype.yaml for you to make. Scores
    that are missing are performed and kept; nothing is rendered or published. Exit 1 if a score failed.
    """
    from calotype.roof.report.judging.judge_text import describe_judge
    from calotype.roof.report.progress import progress

    project = settings.open()
    names = settings.named(project.root, targets)
    with (Interrupt(STOPPING) as interrupt, progress(quiet=settings.quiet, verbose=settings.verbose) as listener,
          reserved()):
        report = project.judge(names, listener=listener, cancel=interrupt.requested)
    settings.echo_diagnostics(report.diagnostics, project.root)
    value: dict[str, Any] = {
        "schema": SCHEMA, **asdict(report), "diagnostics": [each.as_json() for each in report.diagnostics]}
    settings.echo_result(describe_judge(report, verbose=settings.verbose, stream=sys.stdout), value)
    if interrupt.requested():
        return EXIT_INTERRUPTED
    return EXIT_FAILED if any(each.severity == "error" for each in report.diagnostics) else EXIT_DONE
