"""What a posture changes: each joint that leaves its base posture, or moves between two phases. Must not know words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.pose.posture import base_of
from calotype.language.pose.terms import AXES, SIDES, Axis

SALIENCE = {"forearm": 0.2, "wrist": 0.25, "finger": 0.2, "thumb": 0.3,
            "index": 0.2, "middle": 0.2, "ring": 0.2, "little": 0.2, "shoulder_external": 0.4, "neck_protraction": 2.0,
            "neck": 1.2, "lumbar": 1.5, "thoracic": 1.3, "hip": 1.3, "knee": 1.1, "ankle": 0.6}
"""How much a motion says of a posture beside the others, by how its axis begins; 1 unless named."""
LEAST = {"deg": 1.0, "cm": 0.5}
"""A change that is less goes without saying."""


@dataclass(frozen=True, slots=True)
class Change:
    """A joint that goes from `start` to `end`, along its axis. `side` is left, right, both, or "" on the midline."""

    axis: Axis
    side: str
    start: float
    end: float

    @property
    def weight(self) -> float:
        """How much it says of a posture: how far it goes, as part of its range, and what joint it is."""
        share = abs(self.end - self.start) / max(abs(limit) for limit in self.axis.normal)
        return share * next((worth for begin, worth in SALIENCE.items() if self.axis.name.startswith(begin)), 1.0)


def from_base(posture: Mapping[str, Any]) -> list[Change]:
    """Each joint away from the base posture, the most telling first."""
    return sorted(_changes(base_of(posture), posture), key=lambda change: -change.weight)


def between(start: Mapping[str, Any], end: Mapping[str, Any]) -> list[Change]:
    """Each joint that moves from one phase to another, the most telling first; but for those that the two base postures
    tell of by themselves."""
    changes = _changes(start, end)
    if start["base"] != end["base"]:
        bases = base_of(start), base_of(end)
        by_themselves = {(change.axis.name, change.side, change.start, change.end) for change in _changes(*bases)}
        changes = (change for change in changes
                   if (change.axis.name, change.side, change.start, change.end) not in by_themselves)
    return sorted(changes, key=lambda change: -change.weight)


def _changes(start: Mapping[str, Any], end: Mapping[str, Any]) -> Iterator[Change]:
    for axis in AXES:
        if axis.laterality != "paired":
            yield from _change(axis, "", start, end)
            continue
        sides = [_ends(axis, start.get(side, {}), end.get(side, {})) for side in SIDES]
        if sides[0] == sides[1]:
            yield from _change(axis, "both", start.get("left", {}), end.get("left", {}))
        else:
            for side in SIDES:
                yield from _change(axis, side, start.get(side, {}), end.get(side, {}))


def _change(axis: Axis, side: str, start: Mapping[str, Any], end: Mapping[str, Any]) -> Iterator[Change]:
    first, last = _ends(axis, start, end)
    if abs(last - first) >= LEAST[axis.unit]:
        yield Change(axis, side, first, last)


def _ends(axis: Axis, start: Mapping[str, Any], end: Mapping[str, Any]) -> tuple[float, float]:
    """Both values, as they are told: whole degrees, half centimetres."""
    step = 1.0 if axis.unit == "deg" else 2.0
    first, last = (round(float(angles.get(axis.name, 0.0)) * step) / step for angles in (start, end))
    return first, last
