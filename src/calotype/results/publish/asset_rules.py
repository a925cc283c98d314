"""What to do about one asset. Pure; must not know the disk."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


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
