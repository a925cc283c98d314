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


def decide(blob: str, on_disk: str | None, recorded: Collection[str], in_cas: bool) -> Step:
    """What publishing `blob` at a path takes, where `on_disk` lies now: digests, None for no file.

    `recorded` are the digests that the manifest holds for that path (none: it does not own it); `in_cas` says
    whether the CAS holds `on_disk`, as when a build was stopped between writing assets and the manifest.
    """
    if on_disk is None:
        return Step.CREATE
    if on_disk == blob:
        return Step.KEEP
    if on_disk in recorded:
        return Step.REPLACE
    if recorded:
        return Step.RESCUE
    return Step.REPLACE if in_cas else Step.REFUSE
