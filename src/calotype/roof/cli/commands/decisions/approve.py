"""`calotype approve`: a person vouches for the pictures of targets."""

from __future__ import annotations

import click

from calotype.ground.diagnostics import Problem, error
from calotype.ground.light_dataclass import asdict
from calotype.project.patterns import is_glob
from calotype.roof.cli.decision import are_several, decides_several, echo_decision, echo_several, echo_undone
from calotype.roof.cli.settings import Settings
from calotype.roof.cli.shared import examples

_DIGITS = frozenset("0123456789abcdefABCDEF")
"""What the number or the digest of a candidate is written with: never the name of a file."""


@click.command(
    "approve",
    epilog=examples(
        "calotype approve exercises/chin_tuck/01         # the published picture",
        "calotype approve scenes/coffee/reach 3",
        "calotype approve 'scenes/coffee/*' exercises/chin_tuck/01",
        "calotype approve scenes/coffee/reach --undo",
        "calotype approve characters/mannequin/training_set",
    ),
)
@decides_several("TARGET [CANDIDATE | TARGET...]")
def command(settings: Settings, targets: tuple[str, ...], undo: bool) -> int:
    """Approve the picture of TARGET: no build replaces it.

    CANDIDATE is its number (from 1, in seed order) or its pixel digest, or the start of one; without it the
    published picture is approved. When the spec asks for another picture, the new candidates wait beside the approved
    one, `check` exits with 3, and a person decides. The approval is written to specs/picks/.

    Of several targets, or a glob of them, the published pictures are approved; where one is refused, nothing is
    written. A target has a slash, a candidate has none.

    A character's training set is approved as it is exported: then its LoRA may be trained.
    """
    project = settings.open()
    words, candidate = _split([word if _DIGITS.issuperset(word) else settings.named(project.root, (word,))[0]
                               for word in targets])
    if are_several(words):
        if undo:
            undone = map(asdict, project.undo("approve", words))
            return echo_several(settings, undone, "the approval is taken back", undone=True)
        decisions = map(asdict, project.approve(words))
        return echo_several(settings, decisions, "approved as published; no build replaces it")
    if undo:
        return echo_undone(settings, asdict(project.undo("approve", words[0], candidate)[0]), "approval")
    decision = project.approve(words[0], candidate)
    if words[0].endswith("/training_set"):
        return echo_decision(settings, asdict(decision), f"the set {decision.pixels[:12]} is approved to train on")
    what = "what is published" if candidate is None else f"candidate {candidate}"
    return echo_decision(settings, asdict(decision), f"{what} is approved; no build replaces it")


def _split(words: list[str]) -> tuple[list[str], str | None]:
    """The targets, and the candidate of one. Raises Problem for a candidate among several targets."""
    candidates = [word for word in words[1:] if "/" not in word and not is_glob(word)]
    if not candidates:
        return words, None
    if len(words) > 2 or is_glob(words[0]):
        raise Problem(error(
            "unused-candidate", f"`{candidates[0]}` can be a candidate of one target only",
            hint="name one target with it; of several the published pictures are meant, and a target has a slash"))
    return words[:1], candidates[0]
