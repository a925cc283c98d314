"""What people said of a picture's place in a training set, held against the picture that is published. Must not know
which images make up a set.

A decision speaks of the pixels that were looked at. A picture that was rendered anew has fallen out, whatever was said
of the one before, until somebody looks at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from calotype.ground.diagnostics import Diagnostic, warning
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


def curation_warnings(target: str, curation: Curation, root: Path) -> Iterator[Diagnostic]:
    """A warning where decisions contradict each other, as a merge may leave them, or where a picture has fallen out."""
    first, *rest = curation.entries or (None,)
    if first is None:
        return
    if curation.state == "contradicting":
        others = ", ".join(
            f"{PARTICIPLES[entry.decision.decision]} in {entry.file}:{entry.line(root)}" for entry in rest)
        yield warning(
            "contradicting-decisions", f"the picture of `{target}` is {PARTICIPLES[first.decision.decision]} here, and"
            f" otherwise {others}: it is in no training set", file=first.file, line=first.line(root),
            hint=f"remove all but one, or decide anew: {look_at(target)}")
    elif curation.state == "fallen-out":
        yield warning(
            "fallen-out", f"the picture of `{target}` is another than that which is {_said(first)} here: it has fallen"
            " out of the training set", file=first.file, line=first.line(root), hint=look_at(target))


def _said(entry: Entry) -> str:
    reason = f" ({entry.decision.reason})" if entry.decision.reason else ""
    return f"{PARTICIPLES[entry.decision.decision]}{reason}"


def _before(entries: Sequence[Entry]) -> str:
    said = ", ".join(dict.fromkeys(map(_said, entries)))
    return f"fallen out: it is another picture than that which was {said}"
