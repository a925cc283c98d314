"""What to do about one asset, and which assets nobody asks for. Pure; must not know the disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from enum import StrEnum

from calotype.results.publish.line import Line


class Step(StrEnum):
    """From leaving alone to refusing."""

    KEEP = "keep"          # the wanted bytes are there
    CREATE = "create"      # nothing is there
    REPLACE = "replace"    # what is there is ours, or kept in the CAS: nothing is lost
    RESCUE = "rescue"      # ours, and edited by hand: the edit is moved aside first
    REFUSE = "refuse"      # somebody else's file


def decide(wanted: str, found: str | None, known: Collection[str], in_cas: bool) -> Step:
    """What publishing the bytes `wanted` at a path takes, where `found` lies now: digests, None for no file.

    `known` are the digests that the manifest holds for that path (none: it does not own it); `in_cas` says
    whether the CAS holds `found`, as when a build was stopped between writing assets and the manifest.
    """
    if found is None:
        return Step.CREATE
    if found == wanted:
        return Step.KEEP
    if found in known:
        return Step.REPLACE
    if known:
        return Step.RESCUE
    return Step.REPLACE if in_cas else Step.REFUSE


def obsolete(old: Sequence[Line], new: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """The lines of `old` at whose path `new` has nothing, as (removed, moved).

    Moved is what stands, by the same action, at a path of `new` that `old` did not have. Each such path makes
    one move: of two assets with one action, losing one is a removal.
    """
    wanted = {line.path for line in new}
    held = {line.path for line in old}
    arrived = Counter(line.action for line in new if line.path not in held)
    removed: list[Line] = []
    moved: list[Line] = []
    for line in old:
        if line.path in wanted:
            continue
        (moved if arrived[line.action] > 0 else removed).append(line)
        arrived[line.action] -= 1
    return removed, moved
