"""`calotype exclude`: a person keeps a picture out of a training set, and says why."""

from __future__ import annotations

import click

from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.decision import curates, echo_decision, echo_undone, refuse_reason
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples


@click.command(
    "exclude",
    epilog=examples(
        "calotype exclude characters/leo/anchors/back --reason 'a hand too many'",
        "calotype exclude characters/leo/anchors/back --undo",
    ),
)
@curates
@click.option("--reason", metavar="TEXT", help="Why; it stands beside the picture.")
def command(settings: Settings, target: str, undo: bool, reason: str | None) -> int:
    """Keep the picture of TARGET out of the training set.

    TARGET is an anchor or a variation of a character. The picture stays published; it is neither in the set as an
    anchor nor suggested for it. The decision is written to specs/picks/, in the place of an inclusion.
    """
    project = settings.open()
    if undo:
        refuse_reason(reason, "an exclusion")
        return echo_undone(settings, asdict(project.undo("exclude", target)[0]), "exclusion", "")
    decision = project.exclude(target, reason or "")
    return echo_decision(settings, asdict(decision), f"the picture {decision.pixels[:12]} is in no training set")
