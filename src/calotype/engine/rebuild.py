"""The verdict: what a target needs, and why. One pure function that plan, build and check share.

Must not know files, caches or renderers: it is told what is known, and answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from calotype.ground.light_dataclass import dataclass


class Need(StrEnum):
    """From nothing to everything; each names what a build does."""

    UP_TO_DATE = "up_to_date"
    REFRESH = "refresh"    # the pixels stand; the manifest's words about them do not
    RESTORE = "restore"    # the asset is gone or was edited; its bytes are at hand
    PUBLISH = "publish"    # the picture exists in a cache, not yet at its path
    PERFORM = "perform"    # actions: maps, renders, scores
    AWAIT = "await"        # a human has to pick
    REFUSE = "refuse"      # what lies at its path is not ours, and not to be overwritten
    WAIT = "wait"          # what it asks for is known only when another target is picked


class Asset(StrEnum):
    """What lies at a target's path, held against what the manifest says of it."""

    OK = "ok"
    MISSING = "missing"
    MODIFIED = "modified"
    FOREIGN = "foreign"    # something that is not ours


class Made(Protocol):
    """What is known of a finished action, as far as the verdict goes."""

    @property
    def at_hand(self) -> bool:
        """Whether its bytes can be had."""
        ...


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidate that stands for a target: its place in seed order (from 0), and who chose it."""

    index: int
    by: str


@dataclass(frozen=True, slots=True)
class Published:
    """What the manifest says of a target: the render key of its pick, and whether its words are still right."""

    action: str
    words_current: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """`actions` are the keys of what must be performed first; `choice` is None until all it needs is known."""

    need: Need
    actions: tuple[str, ...] = ()
    choice: Choice | None = None


def missing(keys: Sequence[str], made: Mapping[str, Made]) -> tuple[str, ...]:
    """The keys, each once and in seed order, of which no result is known at all."""
    return tuple(dict.fromkeys(key for key in keys if key not in made))


def decide(
    keys: Sequence[str], made: Mapping[str, Made], choice: Choice | None, published: Published | None, asset: Asset
) -> Verdict:
    """What a target with these candidate keys needs.

    `made` holds what is known of each key, `choice` the candidate chosen among them, None where a human must choose.
    Candidates that lost need no bytes; the one that stands, and all of them while a human looks, do.
    """
    if asset is Asset.FOREIGN:
        return Verdict(Need.REFUSE)
    renders = missing(keys, made)
    if renders:
        return Verdict(Need.PERFORM, renders)
    if choice is None:
        lost = tuple(dict.fromkeys(key for key in keys if not made[key].at_hand))
        return Verdict(Need.PERFORM, lost) if lost else Verdict(Need.AWAIT)
    chosen = keys[choice.index]
    current = published is not None and published.action == chosen
    if not made[chosen].at_hand and not (current and asset is Asset.OK):
        return Verdict(Need.PERFORM, (chosen,))
    if not current:
        return Verdict(Need.PUBLISH, choice=choice)
    if asset is not Asset.OK:
        return Verdict(Need.RESTORE, choice=choice)
    assert published is not None
    return Verdict(Need.UP_TO_DATE if published.words_current else Need.REFRESH, choice=choice)
