"""`calotype reject`: a person rules a candidate out, and says why."""

from __future__ import annotations

import click

from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.decision import decides, echo_decision, echo_undone, refuse_reason, require_candidate
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples


@click.command(
    "reject",
    epilog=examples(
        "calotype reject exercises/chin_tuck/01 2 --reason 'the chin juts forward'",
        "calotype reject exercises/chin_tuck/01 2 --undo",
    ),
)
@decides
@click.option("--reason", metavar="TEXT", help="Why; it stands beside the next candidates.")
def command(settings: Settings, target: str, candidate: str | None, reason: str | None, undo: bool) -> int:
    """Rule a candidate of TARGET out: it is never chosen again.

    CANDIDATE is its number (from 1, in seed order) or its pixel digest, or the start of one. Neither a score nor
    a pick chooses a rejected picture; where all are rejected, TARGET awaits. The rejection is written to specs/picks/.
    """
    project = settings.open()
    if undo:
        refuse_reason(reason, "a rejection")
        return echo_undone(settings, asdict(project.undo("reject", target, candidate)[0]), "rejection")
    decision = project.reject(target, require_candidate("reject", target, candidate), reason or "")
    text = f"candidate {candidate} is rejected; `calotype build` goes by the others"
    return echo_decision(settings, asdict(decision), text)
