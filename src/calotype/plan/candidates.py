"""Which candidate stands for a target: a human's pick, else the rule in `select`. Must not know how scores are made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from calotype.engine.rebuild import Choice
from calotype.store.results import Made


def pick_candidate(
    select: str, keys: Sequence[str], made: Mapping[str, Made], human: int | None,
    scores: Mapping[str, float], rejected: Collection[str] = (),
) -> Choice | None:
    """The choice among rendered candidates, or None where a human has to make it.

    `human` is the index of the candidate that a human picked; `scores` maps pixel digests to 0-100; `rejected` are the
    pixel digests that are never chosen.
    """
    if human is not None:
        return Choice(human, "human")
    eligible = [index for index, key in enumerate(keys) if made[key].pixels not in rejected]
    if select == "human" or not eligible:
        return None
    if len(set(keys)) == 1:
        return Choice(0, "only")
    if select == "first":
        return Choice(eligible[0], "first")
    best = max(eligible, key=lambda index: (scores[made[keys[index]].pixels], -index))
    return Choice(best, "score")

