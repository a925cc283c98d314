"""`calotype exclude`: a person keeps pictures out of a training set, and says why."""

from __future__ import annotations

import click

from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.decision import (
    are_several,
    decides_several,
    echo_decision,
    echo_several,
    refuse_reason,
    undo_curation,
)
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples


@click.command(
    "exclude",
    epilog=examples(
        "calotype exclude characters/leo/anchors/back --reason 'a hand too many'",
        "calotype exclude 'characters/leo/variations/row_*' --reason 'no bar'",
        "calotype exclude characters/leo/anchors/back --undo",
    ),
)
@decides_several("TARGET...")
@click.option("--reason", metavar="TEXT", help="Why; it stands beside the picture.")
def command(settings: Settings, targets: tuple[str, ...], undo: bool, reason: str | None) -> int:
    """Keep the picture of each TARGET out of the training set.

    TARGET is an anchor or a variation of a character, or a glob of them. The picture stays published; it is neither in
    the set as an anchor nor suggested for it. The decision is written to specs/picks/, in the place of an inclusion.
    Where one target is refused, nothing is written.
    """
    project = settings.open()
    names = settings.named(project.root, targets)
    if undo:
        refuse_reason(reason, "an exclusion")
        return undo_curation(settings, project, "exclude", names, "exclusion")
    if are_several(names):
        return echo_several(settings, map(asdict, project.exclude(names, reason or "")), "in no training set")
    decision = project.exclude(names[0], reason or "")
    return echo_decision(settings, asdict(decision), f"the picture {decision.pixels[:12]} is in no training set")
