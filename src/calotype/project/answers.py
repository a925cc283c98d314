"""What the project answers when asked: plain values for every caller. Must not know how they are found."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from calotype.ground.light_dataclass import dataclass
from calotype.language.decisions import Decision
from calotype.language.judging.ordering import Ordering
from calotype.language.judging.weakest import Weakest

_LENGTH = 48
_DIGEST, _DIGITS = re.compile(r"[0-9a-f]{64}"), 8
"""Of a digest its first digits are shown: all of it tells people no more."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a request, or of the words about an image, that differs; `file` and `line` say who decided it. Where
    that is the program, and no line of the project, `why` says so in words."""

    field: str
    old: Any
    new: Any
    file: str | None = None
    line: int | None = None
    why: str = ""

    @property
    def decided(self) -> str:
        """By which line, which file, or what else; empty where nothing tells."""
        return self.why or (f"{self.file}:{self.line}" if self.line else self.file or "")

    def __str__(self) -> str:
        decided = f" ({self.decided})" if self.decided else ""
        return f"{self.field}: {' -> '.join(_short(self.old, self.new))}{decided}"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A picture that a person rejected, and why. `candidate` is its number, None where it is of a former request."""

    candidate: int | None
    pixels: str
    reason: str

    def __str__(self) -> str:
        name = f"{self.pixels[:8]}" if self.candidate is None else f"{self.candidate}"
        return f"{name} ({_cut(self.reason)})" if self.reason else name


@dataclass(frozen=True, slots=True)
class WrittenDecision(Decision):
    """A decision as it was written, and those `withdrawn`: approvals and imports of other pictures that it takes the
    place of. `path` is the asset of a picture that was put in by hand, which is published at once."""

    withdrawn: tuple[Decision, ...] = ()
    path: str = ""


@dataclass(frozen=True, slots=True)
class AskedDecision:
    """A decision that is asked for, or with `undo` to be taken back. `candidate` is a number from 1 or the start of a
    pixel digest; None where the published picture is meant."""

    decision: Literal["pick", "approve", "reject", "include", "exclude"]
    target: str
    candidate: str | None = None
    reason: str = ""
    undo: bool = False


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """A picture that may stand for a target. `number` counts from 1 in seed order, and is None for one that was put in
    by hand (`origin`: rendered or imported), as its `seed` is. `scores` are those of each scorer by its name, 0-100, as
    far as it was judged; under `identity` how like the character it is, -1 to 1. `total` is what they come to by the
    weights in force, 0-100, None where nothing that weighs was said; `kept_out` why judges keep it out, empty where it
    may stand. `picked`: it stands for the target. `file` is what it was written to, None where it was not: its bytes
    are gone."""

    number: int | None
    pixels: str
    seed: int | None
    scores: Mapping[str, float]
    picked: bool
    approved: bool
    rejected: bool
    reason: str
    origin: str
    file: str | None = None
    total: float | None = None
    kept_out: str = ""


@dataclass(frozen=True, slots=True)
class ResultRecord:
    """How a published picture came about. `image_path` is relative to the project. `prompt_used` is the prompt of its
    request, or the words about the image where its renderer's requests hold none; `loras_used` are the names of its
    LoRAs. `consistency_score` is how like its character it is, -1 to 1, of several the one that it is least like;
    `generation_time` the seconds that its render took here. None is what is not known: no identity was measured; the
    picture was rendered elsewhere, or put in by hand."""

    target: str
    image_path: str
    prompt_used: str
    loras_used: tuple[str, ...]
    consistency_score: float | None
    generation_time: float | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What a person said of a picture of a target, and where that stands."""

    decision: str
    pixels: str
    reason: str
    file: str
    line: int | None


@dataclass(frozen=True, slots=True)
class UsedWeights:
    """Weights that touched a published picture: their `name`, what calotype.yaml calls them if they are a LoRA, the
    `kind` of the action that read them (render, condition, score), the `target` that it was performed for (the picture
    itself, or one that it starts from), their digest, and the licence, as in a `ModelRow`."""

    name: str
    lora: str
    kind: str
    target: str
    digest: str
    licence: str
    commercial: str
    note: str


@dataclass(frozen=True, slots=True)
class PromptReview:
    """How good an enhanced prompt is. `score`, 0-100, is that of round `stands` of `rounds`, whose text is the prompt;
    `threshold` is the score that ends rounds, `iterations` how many there may be. `lacks` is what the critic missed in
    the prompt, `last` what it missed in the last round, whose score was `last_score`. `refused` are the reasons why
    answers were not used, an answer each; `ended` why rounds ended before their time, if they did."""

    score: float
    threshold: float
    stands: int
    rounds: int
    iterations: int
    lacks: tuple[str, ...]
    last: tuple[str, ...]
    last_score: float
    refused: tuple[str, ...] = ()
    ended: str = ""

    @property
    def is_low(self) -> bool:
        """Whether no round reached the score that was asked for."""
        return self.score < self.threshold

    @property
    def outcome(self) -> str:
        """After how many rounds, and what was asked for."""
        rounds = "1 round" if self.rounds == 1 else f"{self.rounds} rounds"
        after = f"after {rounds}" if self.stands == self.rounds else f"in round {self.stands} of {self.rounds}"
        return f"{after}, below the {self.threshold:g} asked for" if self.is_low else (
            f"{after}; {self.threshold:g} was asked for")

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the critic complained of last, and what was refused, a sentence each."""
        lines = [f"the critic still misses: {', '.join(self.lacks)}" if self.lacks else "the critic misses nothing"]
        if self.stands != self.rounds:
            complaint = f": {', '.join(self.last)}" if self.last else ""
            lines.append(f"round {self.rounds} came to {self.last_score:g} and was not taken{complaint}")
        if self.refused:
            answers = "1 answer was" if len(self.refused) == 1 else f"{len(self.refused)} answers were"
            lines.append(f"{answers} refused: {'; '.join(dict.fromkeys(self.refused))}")
        return (*lines, *filter(None, [self.ended]))

    @property
    def sentences(self) -> tuple[str, ...]:
        """The review in words."""
        return f"{self.score:g} of 100 {self.outcome}", *self.remarks


@dataclass(frozen=True, slots=True)
class TargetView:
    """One target as people see it: `state`, `reason` and `decision` as in an `Explanation`; the published picture
    (`pixels` and `origin`, empty while there is none) at `path`; its `candidates`, as far as they are rendered, what
    people said of it, and the weights that it was made with. Where candidates were judged, `ordering` says who orders
    them, `alike` the numbers of those that are nearly the same, and `low_score` that the one that stands is below the
    threshold, `weakest` which of its scores costs it the most and `weakest_part` what within that, as far as it was
    recorded here, and `look_alikes` that there is little to choose from and what sets candidates apart (empty where it
    is well). `prompt_review` is how good its enhanced prompt is, where the record of that is here; `trace` the folder
    that holds the trace of a shot, empty where none was kept. `result` is how what is published came about."""

    target: str
    state: str
    reason: str
    decision: str
    title: str
    path: str
    size: tuple[int, int]
    pixels: str
    origin: str
    candidates: tuple[CandidateRow, ...]
    decisions: tuple[DecisionRow, ...]
    made_with: tuple[UsedWeights, ...] = ()
    ordering: Ordering | None = None
    alike: tuple[tuple[int, ...], ...] = ()
    low_score: str = ""
    result: ResultRecord | None = None
    weakest: Weakest | None = None
    weakest_part: str = ""
    look_alikes: tuple[str, str] = ("", "")
    prompt_review: PromptReview | None = None
    trace: str = ""


@dataclass(frozen=True, slots=True)
class TargetPicture:
    """A picture of a target, to be looked at: `data` are the bytes of its file. `candidate` is None for a published one
    that is no candidate of what is asked for now."""

    data: bytes
    published: bool
    candidate: CandidateRow | None = None


@dataclass(frozen=True, slots=True)
class CandidateFiles:
    """The candidates of a target as they were written into `folder`."""

    target: str
    folder: str
    candidates: tuple[CandidateRow, ...]

    @property
    def gone(self) -> tuple[CandidateRow, ...]:
        """Those whose bytes are in no cache any more, nor published."""
        return tuple(row for row in self.candidates if row.file is None)


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided of a target, in a word (picked, imported, approved, stale-imported, stale-approved, rejected,
    or none); the pictures that they rejected; of one that is stale, what has changed since."""

    decision: str = ""
    rejected: tuple[Rejection, ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One target. `state` is up_to_date, stale, missing, modified or awaiting; of what is no image also not_built, and
    never missing. `decision` is what people decided of it: picked, imported, approved, stale-imported, stale-approved,
    rejected (all its candidates), or nothing. `curation` is what they said of its place in a training set: included,
    excluded, fallen-out, contradicting, or nothing; `curation_reason` says why. `reason` says why it is not
    up to date."""

    target: str
    kind: str
    state: str
    title: str
    path: str
    spec: str
    renderer: str
    candidates: int
    decision: str = ""
    rejected: tuple[Rejection, ...] = ()
    curation: str = ""
    curation_reason: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a target is not up to date. `changes` are what differs from what is published, `last_build` what differed
    when its picture was last replaced; `key` is the action key of its first candidate, `candidates` those of all.
    `decision`, `rejected` and `curation` say what people decided, as in a `TargetRow`; `judging` how its candidates
    were judged, `prompt` how good its enhanced prompt is, a sentence each; `trace` is as in a `TargetView`."""

    target: str
    status: str
    reason: str
    changes: tuple[Change, ...]
    last_build: tuple[Change, ...]
    key: str
    candidates: tuple[str, ...]
    decision: str = ""
    rejected: tuple[Rejection, ...] = ()
    curation: str = ""
    curation_reason: str = ""
    judging: tuple[str, ...] = ()
    prompt: tuple[str, ...] = ()
    trace: str = ""


@dataclass(frozen=True, slots=True)
class SetMember:
    """An image of a training set, its asset and its pixel digest; `by` is who chose it (human, suggest, anchor)."""

    target: str
    path: str
    pixels: str
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class SetLeftOut:
    """A target of a character that is not in its set. `state` is excluded, contradicting, fallen-out (another picture
    than that which was decided on), open (what is published does not stand), or free (nobody chose it)."""

    target: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class SetReport:
    """The training set of a character. `lacking` says why it cannot be used; empty where it can."""

    character: str
    trigger_word: str
    minimum: int
    maximum: int
    members: tuple[SetMember, ...]
    left_out: tuple[SetLeftOut, ...]
    lacking: str


@dataclass(frozen=True, slots=True)
class TargetGraph:
    """`edges` are (from, to): the second starts from the picture of the first."""

    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class GcReport:
    """How many blobs went (or would), their size in bytes, and how many stay."""

    blobs: int
    bytes: int
    kept: int


@dataclass(frozen=True, slots=True)
class CacheReport:
    checked: int
    damaged: tuple[str, ...]


def _short(*values: Any) -> list[str]:
    """Each as text of bounded length. Where all begin alike and would be cut before they differ, the beginning goes."""
    texts = ["-" if value is None else value[:_DIGITS] if _is_digest(value) else json.dumps(value, ensure_ascii=False)
             for value in values]
    if any(len(text) > _LENGTH for text in texts):
        unlike = (place for place, letters in enumerate(zip(*texts, strict=False)) if len(set(letters)) > 1)
        alike = next(unlike, min(map(len, texts)))
        start = texts[0].rfind(" ", 0, alike + 1) + 1 if alike > _LENGTH // 2 else 0
        texts = [f"…{text[start:]}" if start else text for text in texts]
    return list(map(_cut, texts))


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def _cut(text: str) -> str:
    return text if len(text) <= _LENGTH else f"{text[:_LENGTH - 1]}…"
