"""What a contact sheet shows: pictures, and the spec that asks for them. Must not know their source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass, field
from calotype.language.instructions import NO_INSTRUCTIONS, Instructions, dosage_in_words
from calotype.language.judging.ordering import Ordering
from calotype.language.judging.weakest import Weakest
from calotype.results.publish.line import LIKENESS
from calotype.results.sheet.shown_pose import ShownPose
from calotype.results.sheet.shown_trace import ShownTrace

IN_SET = ("included", "anchor", "suggested")
"""Places of the members of a training set."""
SETTLED = ("up_to_date", "rendered", "cached", "restored")
"""States that need nobody's attention."""
STALE = {"stale-approved": "approved", "stale-imported": "imported"}
"""Decisions about pictures that stay while their specs ask for others, and what they are when these ask for them."""


@dataclass(frozen=True, slots=True)
class ShownCandidate:
    """One render of a target, `number` counting from 1. `action` is its key, `pixels` its pixel digest; `scores` are
    those of each scorer by its name, `total` what they come to. `picked`: it stands for the target; `rejected`: it
    never will, and `reason` says why; `kept_out` says why judges keep it out. `pose` is what was found in it, where
    that is known."""

    number: int
    action: str
    pixels: str
    seed: int | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    picked: bool = False
    rejected: bool = False
    reason: str = ""
    total: float | None = None
    kept_out: str = ""
    pose: ShownPose | None = None

    @property
    def values(self) -> list[tuple[str, str]]:
        """The names of scorers, each with what it gave, and how like the character it is."""
        return score_words(self.scores)


@dataclass(frozen=True, slots=True)
class ShownRejection:
    """A picture that was rejected and is none of the candidates."""

    pixels: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One field that differed when a picture was replaced. `place` is the file, with the line, that decided it."""

    field: str
    old: Any
    new: Any
    place: str = ""


@dataclass(frozen=True, slots=True)
class Replaced:
    """The picture that stood here before (the key and the pixel digest of its render), and what changed."""

    action: str
    pixels: str
    changes: tuple[ShownChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownReview:
    """How good an enhanced prompt is: its score, 0-100, what came of the rounds, and what was found amiss, a sentence
    each; `is_low`: less than was asked for."""

    score: float
    outcome: str
    remarks: tuple[str, ...] = ()
    is_low: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What is shown of an image until it is rendered. `name` says how it was made (the mannequin, a preset); the others
    are as those of a picture."""

    name: str
    path: str
    sha256: str
    size: tuple[int, int]
    title: str = ""
    alt: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """One target. `path` is its asset's, relative to the project, or None while nothing is published.

    `pixels` is its pixel digest, `sha256` that of the file, `size` is (width, height) in pixels. `state` is a word of
    the outcome (`up_to_date`, `failed`, ...) and `reason` says more. `title` is empty where it is the spec's own.
    `picked` tells in words which candidate stands for it; `candidates` are all where there are several. `section`
    groups the pictures of a character: `anchors`, `variations`. `starts_from` are targets of the same spec. `decision`
    is what people decided of it (picked, imported, approved, stale-imported, stale-approved, rejected), `rejected` the
    pictures that they ruled out before; `waiting` is what changed since a stale picture was approved or put in.
    `place` is its place in the training set of its character (included, anchor, suggested, excluded, contradicting,
    fallen-out), and why. `origin` says that it was put in by hand, and is empty for what was rendered. `made_with` are
    the names of the weights that it was rendered with, but for its LoRAs: `loras` is what calotype.yaml calls those.
    `total` is what its `scores` come to, and `low` says that this is below the threshold; `alike` names the candidates
    that are nearly the same, and `look_alikes` says where they leave little to choose from, and what helps. `weakest`
    is which of its scores costs the picture the most; `review` is how good its enhanced prompt is, `trace` what was
    kept of how it came about. `pose` is what was found in it, where that is known.
    `preview` is shown in the place of its asset while it is to be rendered (its state is then `preview`, and `pending`
    where there is none).
    """

    target: str
    path: str | None = None
    sha256: str = ""
    pixels: str = ""
    size: tuple[int, int] = (0, 0)
    title: str = ""
    alt: str = ""
    caption: str = ""
    prompt: str = ""
    negative: str = ""
    seed: int | None = None
    renderer: str = ""
    picked: str = ""
    scores: Mapping[str, float] = field(default_factory=dict)
    state: str = "up_to_date"
    reason: str = ""
    section: str = ""
    candidates: tuple[ShownCandidate, ...] = ()
    replaced: Replaced | None = None
    starts_from: tuple[str, ...] = ()
    decision: str = ""
    rejected: tuple[ShownRejection, ...] = ()
    waiting: tuple[ShownChange, ...] = ()
    place: tuple[str, str] = ("", "")
    origin: str = ""
    total: float | None = None
    low: str = ""
    alike: tuple[str, ...] = ()
    look_alikes: tuple[str, str] = ("", "")
    weakest: Weakest | None = None
    review: ShownReview | None = None
    trace: ShownTrace | None = None
    loras: tuple[str, ...] = ()
    made_with: tuple[str, ...] = ()
    pose: ShownPose | None = None
    preview: Preview | None = None

    @property
    def state_words(self) -> str:
        """The state as a badge says it."""
        return f"preview: {self.preview.name}" if self.preview is not None else self.state.replace("_", " ")

    @property
    def vouched(self) -> str:
        """What a person did with the picture that stands beside what is asked for now."""
        return "Approved" if self.decision == "stale-approved" else "Imported"

    @property
    def contender(self) -> ShownCandidate | None:
        """The first candidate that may take the place of a stale picture that a person vouches for."""
        if self.decision not in STALE:
            return None
        return next((candidate for candidate in self.candidates if not candidate.rejected), None)

    @property
    def name(self) -> str:
        return self.target.rpartition("/")[2]

    @property
    def anchor(self) -> str:
        return f"{self.section}-{self.name}" if self.section else self.name

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Terms and values about a published picture, each in a word or two."""
        if self.path is None:
            return []
        facts = [
            ("seed", "" if self.seed is None else str(self.seed)),
            ("size", f"{self.size[0]} × {self.size[1]}"),
            ("renderer", self.renderer),
            ("LoRA", ", ".join(self.loras)),
            ("made with", ", ".join(self.made_with)),
            ("candidate", self.picked),
            ("score", "" if self.total is None else f"{self.total:.1f}"),
            *(each for each in score_words(self.scores) if not self.candidates or each[0] == "likeness"),
        ]
        return [(term, value) for term, value in facts if value]

    @property
    def in_set(self) -> bool:
        return self.place[0] in IN_SET

    @property
    def settled(self) -> bool:
        return self.state in SETTLED


@dataclass(frozen=True, slots=True)
class SpecSheet:
    """One spec and its pictures, in their order. `kind` is plural: exercises, characters or scenes. No tag holds a
    control character, none stands twice; `uses` are what the spec names: `characters/ann`, `poses/bow`, files;
    `training` says in a line how its training set stands, `lora` how the LoRA was trained; `curve` is the picture of
    its loss, relative to the project. `orderings` say who orders its candidates, by renderer where they differ."""

    kind: str
    id: str
    title: str
    file: str
    pictures: tuple[Picture, ...]
    region: str = ""
    tags: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    instructions: Instructions = NO_INSTRUCTIONS
    training: str = ""
    lora: str = ""
    curve: str = ""
    orderings: tuple[Ordering, ...] = ()

    @property
    def dosage(self) -> list[tuple[str, str]]:
        """Terms and amounts, each in a word or two."""
        return dosage_in_words(self.instructions.dosage)

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.id}"

    @property
    def group(self) -> str:
        """What it stands under in the index: `exercises/neck`, `characters`, `scenes`."""
        return f"{self.kind}/{self.region}" if self.region else self.kind


def score_words(scores: Mapping[str, float]) -> list[tuple[str, str]]:
    """Scores, 0-100, with one decimal; how like the character it is, -1 to 1, with two."""
    return [("likeness", f"{score:.2f}") if name == LIKENESS else (name, f"{score:.1f}")
            for name, score in scores.items()]
