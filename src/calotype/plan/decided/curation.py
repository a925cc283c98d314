"""What people said of a picture's place in a training set, held against the picture that is published. Must not know
which images make up a set.

A decision speaks of the pixels that were looked at. A picture that was rendered anew has fallen out, whatever was said
of the one before, until somebody looks at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from calotype.ground.light_dataclass import dataclass
from calotype.project.decisions.index import Entry

State = Literal["", "included", "excluded", "contradicting", "fallen-out"]
PARTICIPLES = {"include": "included", "exclude": "excluded"}


@dataclass(frozen=True, slots=True)
class Curation:
    """How the published picture of a target stands to a training set by what people said, and `reason`, why; `entries`
    are the decisions that say so. `state` is empty where nobody said anything."""

    state: State = ""
    reason: str = ""
    entries: tuple[Entry, ...] = ()


def curation_of(entries: Sequence[Entry], pixels: str | None) -> Curation:
    """Of the decisions about a target, what they say of the picture with these `pixels` (None: there is none)."""
    meant = tuple(entry for entry in entries if entry.decision.pixels == pixels)
    if not meant:
        return Curation("fallen-out", _before(entries), tuple(entries)) if entries else Curation()
    if len({entry.decision.decision for entry in meant}) > 1:
        return Curation("contradicting", "it is included and excluded as well", meant)
    state: State = "included" if meant[0].decision.decision == "include" else "excluded"
    return Curation(state, meant[0].decision.reason, meant)


def look_at(target: str) -> str:
    """What is to be done about a picture that has fallen out."""
    return f"look at it, then `calotype include {target}`, or `calotype exclude {target} --reason TEXT`"


def decision_words(entry: Entry) -> str:
    """`excluded (a hand too many)`."""
    reason = f" ({entry.decision.reason})" if entry.decision.reason else ""
    return f"{PARTICIPLES[entry.decision.decision]}{reason}"


def _before(entries: Sequence[Entry]) -> str:
    words = ", ".join(dict.fromkeys(map(decision_words, entries)))
    return f"it is another picture than that which was {words}"
