"""Words that say of one side what the pose says of the other. Must not know where the words stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.language.pose.laterality.claims import Claim, claims
from calotype.language.pose.laterality.evidence import AXES_OF, LEAST, Evidence
from calotype.language.pose.laterality.side_words import ARM, mentions, other
from calotype.language.pose.terms import SIDES

Key = tuple[str, str]
MOTIONS = frozenset(("raised", "out", "ahead", "behind", "bent", "straight", "extended", "overhead"))
"""What is said of an arm that moves."""


def contradictions(text: str, posture: Mapping[str, Any]) -> dict[Key, str]:
    """(side, part) of each claim that is true of the other side and false of the one it names, and its words. A text
    that names both sides is left alone; a movement is read in all its phases."""
    phases = [Evidence(phase) for phase in (posture, posture.get("from"), posture.get("to")) if phase]
    return {
        (claim.mention.side, claim.about): claim.words
        for claim in _one_sided(text) if claim.false(phases) and not _moves_alone(posture, claim)
    }


def _moves_alone(posture: Mapping[str, Any], claim: Claim) -> bool:
    """Whether a movement of one arm is told of that arm, while the other only holds on somewhere, however high."""
    if "from" not in posture or "to" not in posture or claim.about not in ARM or not claim.kinds <= MOTIONS:
        return False
    moved = {side: _change(posture["from"].get(side, {}), posture["to"].get(side, {}), claim.about) for side in SIDES}
    return moved[claim.mention.side] >= LEAST and moved[other(claim.mention.side)] < 1.0


def _change(start: Mapping[str, float], end: Mapping[str, float], part: str) -> float:
    """How far the joints of a part move, in degrees."""
    axes = (axis for axis in {*start, *end} if axis.startswith(AXES_OF[part]))
    return max((abs(end.get(axis, 0.0) - start.get(axis, 0.0)) for axis in axes), default=0.0)


def one_sided(text: str) -> dict[tuple[str, str, frozenset[str]], str]:
    """(side, part, what is said of it) of each claim of a text that names one side only, and its words."""
    return {(claim.mention.side, claim.about, claim.kinds): claim.words for claim in _one_sided(text)}


def _one_sided(text: str) -> Iterator[Claim]:
    lowered = text.lower()
    if "left" not in lowered and "right" not in lowered and "L" not in text and "R" not in text:
        return
    named = mentions(text)
    if len({mention.side for mention in named}) == 1:
        yield from claims(text, named)
