"""Which candidate stands for a target: a human's pick, else the rule in `select`. Must not know how scores are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calotype.engine.rebuild import Choice
from calotype.language.decisions import Decision
from calotype.store.results import Made


def pick_candidate(
    select: str, keys: Sequence[str], made: Mapping[str, Made], decisions: Sequence[Decision],
    scores: Mapping[str, float],
) -> Choice | None:
    """The choice among rendered candidates, or None where a human has to make it.

    `scores` maps pixel digests to 0-100. A decision binds by render key and pixels, whatever name it carries.
    """
    human = decided(keys, made, decisions)
    if human is not None:
        return Choice(human, "human")
    if select == "human":
        return None
    if len(set(keys)) == 1:
        return Choice(0, "only")
    if select == "first":
        return Choice(0, "first")
    best = max(range(len(keys)), key=lambda index: (scores[made[keys[index]].pixels], -index))
    return Choice(best, "score")


def decided(keys: Sequence[str], made: Mapping[str, Made], decisions: Sequence[Decision]) -> int | None:
    """The index of the candidate that a human picked, or None. Of several, the last written counts."""
    for decision in reversed(decisions):
        if decision.decision == "pick" and decision.action in keys:
            known = made.get(decision.action)
            if known is None or known.pixels == decision.pixels:
                return keys.index(decision.action)
    return None
