"""What a product is: a target that is no image, such as `characters/mannequin/training_set`.

It is made only when it is named or by its own command. A kind of product is one file of this room and one line of its
registry. Asking how one stands happens in `plan` and `check`, so all but `make` is light.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal, Protocol

from calotype.actions.registry import Kinds
from calotype.ground.diagnostics import Diagnostic
from calotype.ground.events import Events
from calotype.ground.folders import TRAINING
from calotype.ground.light_dataclass import dataclass, field
from calotype.ground.target_names import spec_key
from calotype.language.spec import Spec
from calotype.plan.planned import Planned
from calotype.plan.planner import plan_spec
from calotype.project.answers import Change
from calotype.project.workspace import Workspace

Status = Literal["up_to_date", "stale", "modified", "awaiting", "not_built"]


class Subject:
    """The spec that a product is made from, in an open project, with its targets as they are planned now."""

    def __init__(self, spec: Spec, workspace: Workspace) -> None:
        self.spec, self.workspace = spec, workspace

    @property
    def key(self) -> str:
        """`characters/mannequin`."""
        return spec_key(self.spec.kind, self.spec.id)

    @property
    def folder(self) -> str:
        """Where its products lie, relative to the project."""
        return f"{TRAINING}/{self.spec.id}"

    @cached_property
    def targets(self) -> tuple[Planned, ...]:
        return tuple(plan_spec(self.spec, self.workspace, Kinds(self.workspace)))


@dataclass(frozen=True, slots=True)
class ProductState:
    """How a product stands. `path` is the file that stands for it; `key` what its record must tell; `changes` what
    differs from what it was made of. `lacking` says why it cannot be made before a person does something; `made_of`
    is what its kind makes it of; making it takes about so many `seconds` and costs a `price` in US dollars, where that
    is worth a word."""

    target: str
    title: str
    path: str
    spec: str
    status: Status
    reason: str = ""
    key: str = ""
    changes: tuple[Change, ...] = ()
    lacking: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()
    made_of: Any = None
    seconds: float = 0.0
    price: float = 0.0


class Awaits(Exception):
    """Raised by `make` where a person must decide before it can be made; what it says tells what."""


class Stopped(Exception):
    """Raised by `make` that was cancelled; what it says tells what is kept of the work."""


@dataclass(frozen=True, slots=True)
class MadeProduct:
    """What came of making one. `report` is what its command tells of it."""

    diagnostics: tuple[Diagnostic, ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict)


class Product(Protocol):
    """`name` is the last part of its targets; `doing` and `done` are its statuses in a plan and in a build (`export`,
    `exported`). `needs` are the names of products of the same spec that are made before it, if they are not current."""

    name: str
    doing: str
    done: str
    needs: tuple[str, ...]

    def declared(self, spec: Spec) -> bool:
        """Whether `spec` asks for it."""
        ...

    def undeclared(self, spec: Spec) -> Diagnostic:
        """What is said where it is asked for of a `spec` that does not ask for it: an error."""
        ...

    def command(self, spec_id: str) -> str:
        """What makes it: `calotype export training mannequin`."""
        ...

    def path(self, subject: Subject) -> str:
        """The file that stands for it, relative to the project."""
        ...

    def is_built(self, subject: Subject) -> bool:
        """Whether it was ever made. Nothing is planned to tell."""
        ...

    def sources(self, subject: Subject) -> Sequence[str]:
        """The targets that it is made of, as they are planned now."""
        ...

    def obstacles(self, subject: Subject) -> Sequence[Diagnostic]:
        """What this machine lacks to make it, if it is to be made: asked before anything is built."""
        ...

    def look(self, subject: Subject) -> ProductState:
        """How it stands, the spec's targets as they are planned now. Raises Problem where its record cannot be read."""
        ...

    def report(self, subject: Subject, state: ProductState) -> Mapping[str, Any]:
        """What its command tells of it as it stands."""
        ...

    def make(
        self, subject: Subject, state: ProductState, events: Events, cancel: Callable[[], bool]
    ) -> MadeProduct:
        """Makes it, from published images that are up to date. Raises Problem or OSError, and leaves what was there,
        where that cannot be done; Stopped once `cancel()` is true; and Awaits."""
        ...


def plain_name(target: str) -> str:
    """A name as it is typed, `./characters/mannequin/training_set/`, as the target is called."""
    return target.removeprefix("./").rstrip("/")


def named(products: Mapping[str, Product], targets: tuple[str, ...]) -> Iterator[str]:
    """Those of `targets` that are the exact name of a product, as it is called: `characters/mannequin/training_set`."""
    for target in map(plain_name, targets):
        folder, _, rest = target.partition("/")
        spec_id, _, name = rest.partition("/")
        if folder == "characters" and spec_id and name in products:
            yield target
