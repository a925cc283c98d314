"""Which candidate stands for a target: a human's pick, else the rule in `select`. Must not know how scores are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calotype.engine.rebuild import Choice, Made
from calotype.plan.standing import Standing


def pick_candidate(
    select: str, keys: Sequence[str], made: Mapping[str, Made], human: Standing,
    scores: Mapping[str, float],
) -> Choice | None:
    """The choice among rendered candidates, or None where a human has to make it. `scores` maps pixel digests to 0-100.
    """
    if human.index is not None:
        return Choice(human.index, "human")
    if human.conflict or select == "human":
        return None
    if len(set(keys)) == 1:
        return Choice(0, "only")
    if select == "first":
        return Choice(0, "first")
    best = max(range(len(keys)), key=lambda index: (scores[made[keys[index]].pixels], -index))
    return Choice(best, "score")

