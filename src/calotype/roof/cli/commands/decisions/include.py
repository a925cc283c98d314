"""`calotype include`: a person takes pictures into a training set."""

from __future__ import annotations

import click

from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.decision import are_several, decides_several, echo_decision, echo_several, undo_curation
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples


@click.command(
    "include",
    epilog=examples(
        "calotype include characters/leo/variations/squat_01",
        "calotype include 'characters/leo/anchors/*' characters/leo/variations/row_01",
        "calotype include characters/leo/variations/squat_01 --undo",
        "calotype explain characters/leo/training_set  # who is in it",
    ),
)
@decides_several("TARGET...")
def command(settings: Settings, targets: tuple[str, ...], undo: bool) -> int:
    """Take the picture of each TARGET into the training set.

    TARGET is an anchor or a variation of a character, or a glob of them; each is up to date. When it is rendered anew,
    the new picture has fallen out of the set until you look at it and include it. The decision is written to
    specs/picks/, in the place of an exclusion. Where one target is refused, nothing is written.
    """
    project = settings.open()
    names = settings.named(project.root, targets)
    if undo:
        return undo_curation(settings, project, "include", names, "inclusion")
    if are_several(names):
        return echo_several(settings, map(asdict, project.include(names)), "in the training set")
    decision = project.include(names[0])
    return echo_decision(settings, asdict(decision), f"the picture {decision.pixels[:12]} is in the training set")
