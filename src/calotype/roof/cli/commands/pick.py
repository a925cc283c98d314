"""`calotype pick`: a person chooses what stands for a target."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import EXIT_DONE
from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.settings import SCHEMA, Settings
from calotype.roof.cli.shared import examples, shared


@click.command(
    "pick",
    epilog=examples("calotype pick scenes/coffee/reach 3", "calotype pick exercises/chin_tuck/01 9f2c41"),
)
@shared
@click.argument("target")
@click.argument("candidate")
@click.pass_obj
def command(settings: Settings, target: str, candidate: str) -> int:
    """Choose the candidate that stands for TARGET.

    CANDIDATE is its number (from 1, in seed order) or its pixel digest, or the start of one. The choice is
    written to specs/picks/; the next build publishes it.
    """
    decision = settings.open().pick(target, candidate)
    settings.echo_status(
        f"{decision.target}: candidate {candidate} is picked; `calotype build` publishes it",
        {"schema": SCHEMA, **asdict(decision), "diagnostics": []},
    )
    return EXIT_DONE
