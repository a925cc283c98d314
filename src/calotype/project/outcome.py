"""What a plan, a build or a check found: one shape for all. Must not know how it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.ground.diagnostics import EXIT_AWAITING, EXIT_DONE, EXIT_FAILED, Diagnostic
from calotype.ground.light_dataclass import asdict, dataclass, field
from calotype.project.answers import Rejection

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class TargetOutcome:
    """One target that was not already up to date.

    `status` is one of rendered, cached, restored, removed, failed, skipped, awaiting, of a product exported; a plan
    says `render` and `export` for `rendered` and `exported`; a check says stale, missing, modified or awaiting. `path`
    is the asset's, relative to the project.
    A check also says where the reason was decided, in the spec or in calotype.yaml. `rejected` are the pictures that
    people rejected, with their reasons.
    """

    target: str
    status: str
    path: str
    reason: str
    file: str | None = None
    line: int | None = None
    rejected: tuple[Rejection, ...] = ()

    def as_json(self) -> dict[str, Any]:
        rejected = {"rejected": [asdict(rejection) for rejection in self.rejected]} if self.rejected else {}
        return {"target": self.target, "status": self.status, "path": self.path, "reason": self.reason, **rejected}


@dataclass(frozen=True, slots=True)
class ImagePrompt:
    """The texts that an image is made from, whether or not its renderer reads them."""

    target: str
    prompt: str
    negative: str
    to_enhance: str | None = None
    """The model that is yet to be asked for the prompt; None where it is as it will be read."""

    def as_json(self) -> dict[str, Any]:
        pending = {} if self.to_enhance is None else {"to_enhance": self.to_enhance}
        return {"target": self.target, "prompt": self.prompt, "negative": self.negative, **pending}


@dataclass(frozen=True, slots=True)
class Cost:
    """What actions are expected to take: seconds of work on this machine, and a price in `currency`."""

    seconds: float = 0.0
    price: float = 0.0
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Writing:
    """Prompts that an endpoint's `model` is to write: how many, of how many tokens at most, read and written, and their
    price in US dollars at most; None where no price is known."""

    model: str
    prompts: int
    tokens: int
    price: float | None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "price": None if self.price is None else round(self.price, 6)}


@dataclass(frozen=True, slots=True)
class CharacterPhase:
    """A phase of a character: `anchors`, `variations`, `set` or, by a service, `training`. `images` are to be rendered,
    what waits for a decision among them; of a set, how many it may have at most. `seconds` and `price` as in `Cost`."""

    character: str
    phase: str
    images: int = 0
    seconds: float = 0.0
    price: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "seconds": round(self.seconds, 3), "price": round(self.price, 6)}


ACTIONS = ("condition", "render", "score")
"""The kinds of actions that every outcome counts."""


def counted(performed: Mapping[str, int]) -> dict[str, int]:
    """The actions of each kind, in the order of their stages; prompts and likenesses where there are any."""
    others = {name: performed[name] for name in ("enhance", "identity") if performed.get(name)}
    return {**{name: performed.get(name, 0) for name in ACTIONS}, **others}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The tally of one run. `renders` counts every candidate that a renderer made (in a plan, would make)."""

    renders: int = 0
    cache_hits: int = 0
    up_to_date: int = 0
    failed: int = 0
    removed: int = 0
    awaiting: int = 0
    """What makes the exit code 3: not the images that a training set was made without."""
    seconds: float = 0.0
    actions: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(ACTIONS, 0))
    """By kind, what was performed; in a plan an upper bound of what would be."""
    estimate: Cost = Cost()
    """What the plan expects of all that it asks for."""
    unwritten: int = 0
    """Of the renders of a plan those that depend on prompts which are not written yet: of a text that comes out as
    before, none is made."""
    writing: Writing | None = None
    """What prompts cost that an endpoint is to write: only a plan tells."""
    scoring: Mapping[str, Any] = field(default_factory=dict)
    """How candidates are ordered: the `weights` of the scorers that are here, which add up to 1, and why others are
    `absent`. Empty where nothing is judged but by the packaged rule of drawings."""
    phases: tuple[CharacterPhase, ...] = ()
    """What is to come of characters: only a plan tells."""
    targets: tuple[TargetOutcome, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    unsettled: int = 0
    """What makes `check` exit 1: targets stale, missing or modified; files in the way of a build."""
    halted: bool = False
    """Whether the disk ended the build: what was done before that is kept, and told."""
    current: tuple[str, ...] = ()
    """The targets that a check found up to date."""
    prompts: tuple[ImagePrompt, ...] | None = None
    """Of every image asked for, where a plan was asked for them."""
    products: tuple[TargetOutcome, ...] = ()
    """Of a plan and a check: how each target that is no image stands, whatever of it: up_to_date, stale, modified,
    awaiting, or not_built, which changes no exit code."""
    reports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of a build: what the commands of the products that were named tell of them."""

    @property
    def product_names(self) -> frozenset[str]:
        """The targets told of here that are no images."""
        return frozenset((*(product.target for product in self.products), *self.reports))

    @property
    def exit_code(self) -> int:
        if self.failed or self.unsettled or self.halted:
            return EXIT_FAILED
        return EXIT_AWAITING if self.awaiting else EXIT_DONE

    def as_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        prompts = {} if self.prompts is None else {"prompts": [
            text.as_json() for text in self.prompts]}
        return {
            "schema": SCHEMA,
            "renders": self.renders,
            "cache_hits": self.cache_hits,
            "up_to_date": self.up_to_date,
            "failed": self.failed,
            "removed": self.removed,
            "awaiting": self.awaiting,
            "seconds": round(self.seconds, 3),
            "targets": [target.as_json() for target in self.targets],
            "diagnostics": [diagnostic.as_json() for diagnostic in self.diagnostics],
            "actions": dict(self.actions),
            "estimate": {
                "seconds": round(self.estimate.seconds, 3), "price": round(self.estimate.price, 6),
                "currency": self.estimate.currency,
                **({"phases": [phase.as_json() for phase in self.phases]} if self.phases else {}),
                **({"enhance": self.writing.as_json()} if self.writing is not None else {}),
            },
            **({"unwritten": self.unwritten} if self.unwritten else {}),
            **({"scoring": dict(self.scoring)} if self.scoring else {}),
            **prompts,
            **({"products": [product.as_json() for product in self.products]} if self.products else {}),
        }


@dataclass(frozen=True, slots=True)
class ExportedTraining:
    """What became of a training set's export. `status` is exported, up_to_date, awaiting (a person), failed or skipped;
    `path` the zip, relative to the project; `report` what the set shows and lacks, and how its images were chosen, with
    a `summary` in sentences; `outcome` that of the build of its images and of itself."""

    target: str
    path: str
    status: str
    report: Mapping[str, Any]
    outcome: Outcome
