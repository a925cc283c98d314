"""Which candidate stands for a target: a human's pick, else the rule in `select`. Must not know how scores are made."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from calotype.engine.rebuild import Choice
from calotype.plan.judging.judgement import UNJUDGED, Judgement
from calotype.store.results import Made


def pick_candidate(
    select: str, keys: Sequence[str], made: Mapping[str, Made], human: int | None,
    judgement: Judgement = UNJUDGED, rejected: Collection[str] = (),
) -> Choice | None:
    """The choice among rendered candidates, or None where a human has to make it.

    `human` is the index of the candidate that a human picked; `rejected` are the pixel digests that are never chosen,
    as are those that the `judgement` keeps out. A picture that does not tell whom it shows stands where no other does.
    """
    if human is not None:
        return Choice(human, "human")
    eligible = [index for index, key in enumerate(keys)
                if made[key].pixels not in rejected and made[key].pixels not in judgement.kept_out]
    eligible = [index for index in eligible if made[keys[index]].pixels not in judgement.untold] or eligible
    if select == "human" or not eligible:
        return None
    if len(set(keys)) == 1:
        return Choice(0, "only")
    if select == "first":
        return Choice(eligible[0], "first")
    best = max(eligible, key=lambda index: (judgement.totals.get(made[keys[index]].pixels, 0.0), -index))
    return Choice(best, "score")
