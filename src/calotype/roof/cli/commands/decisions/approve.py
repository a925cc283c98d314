"""`calotype approve`: a person vouches for the picture of a target."""

from __future__ import annotations

import click

from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.decision import decides, echo_decision, echo_undone
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples


@click.command(
    "approve",
    epilog=examples(
        "calotype approve exercises/chin_tuck/01         # the published picture",
        "calotype approve scenes/coffee/reach 3",
        "calotype approve scenes/coffee/reach --undo",
        "calotype approve characters/mannequin/training_set",
    ),
)
@decides
def command(settings: Settings, target: str, candidate: str | None, undo: bool) -> int:
    """Approve the picture of TARGET: no build replaces it.

    CANDIDATE is its number (from 1, in seed order) or its pixel digest, or the start of one; without it the
    published picture is approved. When the spec asks for another picture, the new candidates wait beside the approved
    one, `check` exits with 3, and a person decides. The approval is written to specs/picks/.

    A character's training set is approved as it is exported: then its LoRA may be trained.
    """
    project = settings.open()
    if undo:
        return echo_undone(settings, asdict(project.undo("approve", target, candidate)[0]), "approval")
    decision = project.approve(target, candidate)
    if target.endswith("/training_set"):
        return echo_decision(settings, asdict(decision), f"the set {decision.pixels[:12]} is approved to train on")
    what = "what is published" if candidate is None else f"candidate {candidate}"
    return echo_decision(settings, asdict(decision), f"{what} is approved; no build replaces it")
