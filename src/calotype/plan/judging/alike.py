"""Which candidates of a target look nearly the same, by the hashes that were recorded of them. Decodes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from calotype.workers.judge.perceptual_hash import near

Groups = tuple[tuple[int, ...], ...]


def groups(looks: Sequence[tuple[int, str]]) -> Groups:
    """The numbers of candidates that look nearly the same, group by group, of (number, perceptual hash) in order. A
    candidate belongs where it looks like any of a group; one that looks like no other is in none."""
    before: dict[int, int] = {}
    group_of: dict[int, set[int]] = {}
    for number, look in looks:
        bits = int(look, 16)
        joined = {id(group_of[other]): group_of[other] for other in near(bits, before)}
        group = {number}.union(*joined.values())
        group_of |= dict.fromkeys(group, group)
        before[number] = bits
    return tuple(sorted({tuple(sorted(group)) for group in group_of.values() if len(group) > 1}))


def most(groups_alike: Groups, pictures: int) -> tuple[int, ...]:
    """The group that more than half of so many pictures are in, if there is one."""
    return next((group for group in groups_alike if 2 * len(group) > pictures), ())


def named(group: Sequence[int]) -> str:
    """`candidates 2 and 4`, `candidates 1, 2 and 5`."""
    *others, last = map(str, group)
    return f"candidates {', '.join(others)} and {last}"
