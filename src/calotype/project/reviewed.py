"""What a reviewer of a range of commits has to look at: plain values. Must not know how they are found or shown."""

from __future__ import annotations

from collections import Counter
from typing import Any, Literal

from calotype.ground.light_dataclass import asdict, dataclass
from calotype.language.decisions import Decision
from calotype.project.answers import Change
from calotype.project.outcome import Outcome
from calotype.results.sheet.from_manifest import CHOSEN

Happened = Literal["changed", "added", "removed", "moved", ""]
"""What became of a published picture. `moved`: the same pixels under another name or path; empty: the same pixels in
their place."""

_PAST = {
    "pick": "picked", "approve": "approved", "reject": "rejected", "include": "included", "exclude": "excluded",
    "import": "imported",
}
_FIRST = ("stale", "missing", "modified", "awaiting", "changed", "added", "removed")


@dataclass(frozen=True, slots=True)
class PictureAt:
    """A published picture at one end of the range. `pick` is the candidate that stands for the target, counted from 1
    among `candidates`, `by` who chose it; `score` its scores by scorer."""

    path: str
    pixels: str
    size: tuple[int, int]
    alt: str
    candidates: int
    pick: int
    by: str
    origin: str
    scores: tuple[tuple[str, float], ...] = ()

    @property
    def choice(self) -> str:
        """`2 of 4, by score`; empty where there was none to make."""
        return f"{self.pick} of {self.candidates}, {CHOSEN.get(self.by, self.by)}" if self.candidates > 1 else ""


@dataclass(frozen=True, slots=True)
class RangeDecision:
    """A decision that the range added, or took back (`undone`; `replaced` where another of its word took its place).
    `candidate` is the number of its picture, None where it is none of today's candidates; `published` says whether it
    is the published one; `line` is where it stands in `file`, None for one that was taken back."""

    decision: Decision
    file: str
    line: int | None = None
    undone: bool = False
    candidate: int | None = None
    published: bool = False
    replaced: bool = False

    @property
    def event(self) -> str:
        """In a word or two: `approved`, `pick undone`, `pick replaced`."""
        if not self.undone:
            return _PAST[self.decision.decision]
        return f"{self.decision.decision} {'replaced' if self.replaced else 'undone'}"

    @property
    def picture(self) -> str:
        """What is meant: `candidate 2`, the published picture, or a picture or a set by the beginning of its digest."""
        if self.candidate is not None:
            return f"candidate {self.candidate}"
        kind = "set" if self.decision.target.endswith("/training_set") else "picture"
        return f"the published {kind}" if self.published else f"the {kind} {self.decision.pixels[:8]}"

    def __str__(self) -> str:
        """`approved: candidate 2 (the chin is drawn back)`, `reject undone: 1a2b3c4d`."""
        reason = f" ({self.decision.reason})" if self.decision.reason else ""
        return f"{self.event}: {self.picture}{reason}"

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class ReviewedPicture:
    """A target that the range concerns.

    `status` is what `check` says of it, where it is not up to date, and `reason` why. `changes` are the fields of the
    request that differ from those at the range's beginning, `words` the texts that do (title, alt, caption, tags).
    `former` is the name that it had, where it was another. `file` and `line` say where its reason was decided.
    """

    target: str
    happened: Happened = ""
    before: PictureAt | None = None
    now: PictureAt | None = None
    former: str = ""
    status: str = ""
    reason: str = ""
    changes: tuple[Change, ...] = ()
    words: tuple[Change, ...] = ()
    decisions: tuple[RangeDecision, ...] = ()
    file: str | None = None
    line: int | None = None

    @property
    def listed(self) -> bool:
        """Whether a reviewer must look at the picture: not where it only moved, or other words stand beside it."""
        return self.happened in ("changed", "added", "removed") or bool(self.status or self.decisions)

    @property
    def events(self) -> tuple[str, ...]:
        """What happened to it, each in a word: `stale`, `changed`, `approved`."""
        decided = (each.event for each in self.decisions)
        return tuple(dict.fromkeys(word for word in (self.status, self.happened, *decided) if word))

    @property
    def reason_beside_changes(self) -> str:
        """The reason; where it ends with the changes, only what stands before them: `approved, and stale`."""
        head, told, _ = self.reason.partition(str(self.changes[0])) if self.changes else (self.reason, "", "")
        return head.rstrip(": ") if told else self.reason

    @property
    def place(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line) if part is not None)

    @property
    def decided_by(self) -> tuple[str, ...]:
        """The places that decided what happened, the decisions' first."""
        places = [*(each.place for each in self.decisions), *(change.decided for change in self.changes)]
        return tuple(dict.fromkeys(place for place in places or [self.place] if place))

    def as_json(self) -> dict[str, Any]:
        return {
            "target": self.target, "happened": list(self.events), "former": self.former or None,
            "status": self.status or None, "reason": self.reason,
            "before": None if self.before is None else _picture_json(self.before),
            "now": None if self.now is None else _picture_json(self.now),
            "changes": [asdict(change) for change in self.changes], "words": [asdict(change) for change in self.words],
            "decisions": [{**asdict(each.decision), "file": each.file, "line": each.line, "undone": each.undone,
                           "candidate": each.candidate} for each in self.decisions],
        }


def _picture_json(picture: PictureAt) -> dict[str, Any]:
    return {**asdict(picture), "size": list(picture.size), "scores": dict(picture.scores)}


@dataclass(frozen=True, slots=True)
class Review:
    """The pictures that a range of commits concerns, by target. `since` is the revision as it was named, `commit` what
    it means; `already` counts the targets that were not up to date before the range, and that it does not touch.
    `outcome` is what `check` says of the listed ones alone; `page` where before and after stand, relative to the
    project."""

    since: str
    commit: str
    pictures: tuple[ReviewedPicture, ...]
    already: int
    outcome: Outcome
    page: str = ""

    @property
    def listed(self) -> tuple[ReviewedPicture, ...]:
        return tuple(picture for picture in self.pictures if picture.listed)

    @property
    def moved(self) -> tuple[ReviewedPicture, ...]:
        return tuple(picture for picture in self.pictures if picture.happened == "moved" and not picture.listed)

    @property
    def reworded(self) -> tuple[ReviewedPicture, ...]:
        """Those with other words, whether or not anything else happened to them."""
        return tuple(picture for picture in self.pictures if picture.words)

    @property
    def counts(self) -> dict[str, int]:
        """How often each thing happened, in words, those first that must be looked at first."""
        events = Counter(event for picture in self.listed for event in picture.events)
        ordered = {word: events.pop(word) for word in _FIRST if events[word]}
        more = {"moved": len(self.moved), "with other words": len(self.reworded)}
        return {**ordered, **dict(sorted(events.items())), **{word: number for word, number in more.items() if number}}

    @property
    def exit_code(self) -> int:
        return self.outcome.exit_code

    def as_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {
            **self.outcome.as_json(), "since": self.since, "commit": self.commit, "already": self.already,
            "page": self.page or None, "pictures": [picture.as_json() for picture in self.pictures],
        }
