"""What of a body at rest passes through its props, and which props stand in one another. Must not know pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from calotype.language.pose.props import fitting
from calotype.language.pose.props.in_world import placed
from calotype.language.pose.props.placed import Placed
from calotype.language.pose.props.prop_kinds import OF_SURFACE
from calotype.language.pose.skeleton import Skeleton

GIVES = {"bed": 0.01}
"""Metres that what is soft gives under who leans on it."""
APART = 0.02
"""Metres that two props may share."""


def through(props: Sequence[Placed], skeleton: Skeleton) -> list[tuple[str, float]]:
    """The props that a body passes through, with how many metres deep."""
    solid = [prop for prop in props if prop.name == "ball" or any(fitting.boxes(prop))]
    if not solid:
        return []
    whole = fitting.body(skeleton)
    return [
        (prop.name, depth) for prop in solid if (depth := fitting.depth(prop, whole) - GIVES.get(prop.name, 0.0)) > 0]


def within(props: Sequence[Placed]) -> Iterator[tuple[str, str]]:
    """Each two props that stand in one another."""
    for one, other in combinations(props, 2):
        names = {one.name, other.name}
        if names == {"wall"}:
            continue  # two walls are a corner
        whole = not ("table" in names and names & {"chair", "stool", "bench"})  # a chair is drawn up to a table
        if any(_share(a, b) for a in _in_world(one, whole) for b in _in_world(other, whole)):
            yield one.name, other.name


def _in_world(prop: Placed, whole: bool) -> Iterator[fitting.Box]:
    """The boxes that a prop fills, or the `whole` room that it takes with its legs: of a ball, the one within it."""
    if prop.name == "ball":
        inner = 0.6 * prop.radius
        low, high = (tuple(part + sense * inner for part in prop.at) for sense in (-1, 1))
        yield (low[0], low[1], low[2]), (high[0], high[1], high[2])
    x, _, z = prop.at
    for (a, b, c), (d, e, f) in fitting.boxes(prop):
        b = 0.0 if whole and prop.name in ("chair", "stool", "table", "bench", "bed") else b
        if prop.facing == 0.0:
            yield (x + a, b, z + c), (x + d, e, z + f)
        elif prop.facing == 180.0:
            yield (x - d, b, z - f), (x - a, e, z - c)
        elif prop.facing == 90.0:
            yield (x + c, b, z - d), (x + f, e, z - a)
        else:
            yield (x - f, b, z + a), (x - c, e, z + d)


def _share(one: fitting.Box, other: fitting.Box) -> bool:
    return all(
        min(one[1][axis], other[1][axis]) - max(one[0][axis], other[0][axis]) > APART for axis in range(3))


def has_props(posture: Mapping[str, Any]) -> bool:
    """Whether a posture has anything beside the body but what its base rests on."""
    own = posture.get("contacts", {})
    return bool(posture.get("props")) or any(surface in OF_SURFACE for surface in own.values())


def faults(posture: Mapping[str, Any], skeleton: Skeleton) -> tuple[list[tuple[str, float]], list[tuple[str, str]]]:
    """What a posture at rest as `skeleton` passes through, and which of its props stand in one another."""
    if not has_props(posture):
        return [], []
    props = placed(posture, skeleton)
    return through(props, skeleton), list(within(props))
