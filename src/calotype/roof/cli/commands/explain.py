"""`calotype explain`: why a target is stale, or was last rendered."""

from __future__ import annotations

import re
import sys

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.completion import complete_targets
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared

TRAINING_SET = re.compile(r"characters/[^/*?\[]+/training_set/?")


@click.command(
    "explain",
    epilog=examples(
        "calotype explain exercises/chin_tuck/01",
        "calotype explain exercises/chin_tuck   # its first that is not up to date",
        "calotype explain scenes/coffee/reach --json | jq .changes",
        "calotype explain characters/mannequin/training_set   # who is in it, and why",
    ),
)
@shared
@click.argument("target", shell_complete=complete_targets)
@click.pass_obj
def command(settings: Settings, target: str) -> int:
    """Show what makes TARGET render.

    Each changed field with its old and new value and the spec's line; and the same for the last build that
    rendered TARGET. Of a character's training_set: who is in it and why, who is left out, and what it lacks.
    """
    from calotype.roof.report.explanation import describe

    project = settings.open()
    (name,) = settings.named(project.root, [target])
    explanation = project.explain(name)
    text, value = describe(explanation, sys.stdout), asdict(explanation)
    if TRAINING_SET.fullmatch(name):
        from calotype.roof.report.set_report import describe_set

        report = project.training_set(name)
        of_set = describe_set(report, verbose=settings.verbose, stream=sys.stdout)
        text = of_set if explanation.status == "not_built" else f"{of_set}\n\n{text}"
        value |= asdict(report)
    settings.echo_result(text, {"schema": SCHEMA, **value, "diagnostics": []})
    return EXIT_DONE
