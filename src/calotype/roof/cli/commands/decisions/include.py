"""`calotype include`: a person takes a picture into a training set."""

from __future__ import annotations

import click

from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.decision import curates, echo_decision, echo_undone
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples


@click.command(
    "include",
    epilog=examples(
        "calotype include characters/leo/variations/squat_01",
        "calotype include characters/leo/variations/squat_01 --undo",
        "calotype explain characters/leo/training_set  # who is in it",
    ),
)
@curates
def command(settings: Settings, target: str, undo: bool) -> int:
    """Take the picture of TARGET into the training set.

    TARGET is an anchor or a variation of a character, and up to date. When it is rendered anew, the new picture has
    fallen out of the set until you look at it and include it. The decision is written to specs/picks/, in the place of
    an exclusion.
    """
    project = settings.open()
    if undo:
        return echo_undone(settings, asdict(project.undo("include", target)[0]), "inclusion", "")
    decision = project.include(target)
    return echo_decision(settings, asdict(decision), f"the picture {decision.pixels[:12]} is in the training set")
