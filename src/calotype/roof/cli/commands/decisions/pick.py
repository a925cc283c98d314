"""`calotype pick`: a person chooses what stands for a target."""

from __future__ import annotations

import click

from calotype.ground.events import Event
from calotype.ground.light_dataclass import asdict
from calotype.roof.cli.decision import decides, echo_decision, echo_undone, require_candidate
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples


@click.command(
    "pick",
    epilog=examples(
        "calotype pick scenes/coffee/reach 3",
        "calotype pick exercises/chin_tuck/01 9f2c41",
        "calotype pick characters/leo/anchors/front retouched.png",
        "calotype pick exercises/chin_tuck/01 --undo",
    ),
)
@decides
def command(settings: Settings, target: str, candidate: str | None, undo: bool) -> int:
    """Choose the candidate that stands for TARGET.

    CANDIDATE is its number (from 1, in seed order) or its pixel digest, or the start of one. The choice is
    written to specs/picks/, in the place of an older one; the next build publishes it.

    A FILE (PNG, JPEG, WebP, AVIF) in its place is a picture of your own, of the size that TARGET asks for. It is
    published at once, and no build replaces it; when the spec asks for another picture, TARGET awaits a decision.
    While a build is at work a FILE waits for its end; a CANDIDATE is picked at once, and the next build acts on it.
    """
    project = settings.open()
    if undo:
        undone = asdict(project.undo("pick", target, candidate)[0])
        return echo_undone(settings, undone, "import" if undone["decision"] == "import" else "pick")
    candidate = require_candidate("pick", target, candidate)
    decision = asdict(project.pick(target, candidate, listener=None if settings.quiet else _tell))
    if decision["decision"] == "import":
        return echo_decision(settings, decision, f"`{candidate}` is put in, and published as {decision['path']}")
    return echo_decision(settings, decision, f"candidate {candidate} is picked; `calotype build` publishes it")


def _tell(event: Event) -> None:
    if event.kind == "note":
        click.echo(event.fields["message"], err=True)
