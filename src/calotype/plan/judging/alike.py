"""Which candidates of a target look nearly the same, by the hashes that were recorded of them. Decodes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from calotype.workers.judge.perceptual_hash import alike

Groups = tuple[tuple[int, ...], ...]


def groups(looks: Sequence[tuple[int, str]]) -> Groups:
    """The numbers of candidates that look nearly the same, group by group, of (number, perceptual hash) in order. A
    candidate belongs where it looks like any of a group; one that looks like no other is in none."""
    together: list[list[tuple[int, str]]] = []
    for number, look in looks:
        near = [group for group in together if any(alike(look, other) for _, other in group)]
        joined = sorted([*(member for group in near for member in group), (number, look)])
        together = [*(group for group in together if group not in near), joined]
    return tuple(tuple(number for number, _ in group) for group in sorted(together) if len(group) > 1)


def most(groups_alike: Groups, pictures: int) -> tuple[int, ...]:
    """The group that more than half of so many pictures are in, if there is one."""
    return next((group for group in groups_alike if 2 * len(group) > pictures), ())


def named(group: Sequence[int]) -> str:
    """`candidates 2 and 4`, `candidates 1, 2 and 5`."""
    *others, last = map(str, group)
    return f"candidates {', '.join(others)} and {last}"
