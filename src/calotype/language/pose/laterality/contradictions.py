"""Words that say of one side what the pose says of the other. Must not know where the words stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.language.pose.laterality.claims import Claim, claims
from calotype.language.pose.laterality.evidence import Evidence
from calotype.language.pose.laterality.side_words import mentions

Key = tuple[str, str]


def contradictions(text: str, posture: Mapping[str, Any]) -> dict[Key, str]:
    """(side, part) of each claim that is true of the other side and false of the one it names, and its words. A text
    that names both sides is left alone; a movement is read in all its phases."""
    phases = [Evidence(phase) for phase in (posture, posture.get("from"), posture.get("to")) if phase]
    return {(claim.mention.side, claim.about): claim.words for claim in _one_sided(text) if claim.false(phases)}


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
