"""The side that works in a posture, by the joints that a muscle moves. Must not know muscles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calotype.language.pose.posture import base_of
from calotype.language.pose.terms import SIDES

MOVED, ALIKE = 10.0, 12.0
"""Degrees: a joint is away from its base; two sides move alike."""
GROUND = ("floor", "chair", "bench", "table", "wall", "bar", "step", "bed")
"""What a limb leans on: the other one works."""
_ARM = ("shoulder_", "scapular_", "elbow_", "forearm_", "wrist_", "finger_", "thumb_")
_ENDS = {True: ("hand", "forearm", "elbow", "shoulder"), False: ("foot", "heel", "toes", "knee", "shin")}


def working_side(moves: Sequence[str], posture: Mapping[str, Any]) -> str:
    """left or right, where the axes that begin with `moves` work on that side alone; "" where both do, or neither."""
    if not moves:
        return ""
    from_, to = posture.get("from"), posture.get("to")
    if from_ and to:
        travel = {side: _apart(from_.get(side, {}), to.get(side, {}), moves) for side in SIDES}
        if max(travel.values()) >= MOVED:
            return _more(travel)
    base = base_of(posture)
    away = {side: _apart(base.get(side, {}), posture.get(side, {}), moves) for side in SIDES}
    if abs(away["left"] - away["right"]) < ALIKE:
        return ""
    if min(away.values()) < MOVED:
        return _more(away)
    return _free(moves, posture) or (_more(away) if min(away.values()) * 2 <= max(away.values()) else "")


def _apart(first: Mapping[str, float], second: Mapping[str, float], moves: Sequence[str]) -> float:
    """The most that an axis differs between two phases of one side."""
    axes = [axis for axis in {*first, *second} if axis.startswith(tuple(moves))]
    return max((abs(first.get(axis, 0.0) - second.get(axis, 0.0)) for axis in axes), default=0.0)


def _more(amounts: Mapping[str, float]) -> str:
    left, right = amounts["left"], amounts["right"]
    if abs(left - right) < ALIKE:
        return ""
    return "left" if left > right else "right"


def _free(moves: Sequence[str], posture: Mapping[str, Any]) -> str:
    """The side whose limb an arrow follows, or that leans on nothing while the other does."""
    ends = _ENDS[moves[0].startswith(_ARM)]
    followed = {side for side in SIDES for arrow in posture.get("arrows", ()) if arrow["of"].startswith(side)
                and arrow["of"].endswith(ends)}
    if len(followed) == 1:
        return followed.pop()
    touching = posture.get("contacts", {})
    leaning = {side for side in SIDES if any(touching.get(f"{side}_{end}") in GROUND for end in ends)}
    return next(side for side in SIDES if side not in leaning) if len(leaning) == 1 else ""
