"""What a kind of action is: what it asks for, who performs it, and what it leaves. Looking up is common to all kinds.

A kind is one file of this room and one line of its registry. Planning asks it for every image, so all but `lacks` is
light.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Protocol

from calotype.ground.light_dataclass import dataclass
from calotype.language.action import Action
from calotype.language.image import Image
from calotype.store.results import Made

if TYPE_CHECKING:
    from calotype.ground.diagnostics import Diagnostic
    from calotype.workers.protocol import Estimate, Lane, Request, WorkerRef

NO_PICTURE = "0" * 64
"""In the place of a pixel digest, to ask what a judge would read of an image."""
Phase = Literal["enhance", "render", "score", "export"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a kind asks for. While the pick of `upstream` is not made some keys are not known: `drafts` are the actions
    that still hold a place for it."""

    actions: tuple[Action, ...] = ()
    upstream: str | None = None
    drafts: tuple[Action, ...] = ()


class Known(Protocol):
    """A target being planned: what its image asks for, and what the stages before gave."""

    @property
    def image(self) -> Image: ...

    @property
    def enhance(self) -> Action | None:
        """What makes its prompt; None where that is its own."""
        ...

    @property
    def drafts(self) -> Sequence[Action]:
        """Its renders in seed order, with a place for each pick and map."""
        ...

    @property
    def candidates(self) -> Sequence[Action]:
        """Its renders in seed order, once their keys are known."""
        ...

    def pick(self, target: str) -> str | None:
        """The pixel digest of the pick of `target`, None while it is not made."""
        ...

    def made(self, key: str) -> Made | None:
        """What is known of an action of a stage before."""
        ...

    @property
    def decided(self) -> bool:
        """Whether a human has picked one of the candidates."""
        ...

    @property
    def kept_out(self) -> Mapping[str, str]:
        """The pictures, by pixel digest, that must not stand for it, as far as the stages before tell; with the
        reasons."""
        ...


@dataclass(frozen=True, slots=True)
class Output:
    """What an action left, as it comes from where it was made: `outputs` as the action cache keeps them, and the bytes
    of its file, if it has one: their digest joins the outputs as `blob`."""

    kind: str
    key: str
    components: bytes
    outputs: Mapping[str, Any]
    data: bytes | None = None


class ActionKind(Protocol):
    """`name` is the word in keys, events, manifest and counts; `stage` orders the kinds of one target: enhance 0,
    condition 1, render 2, refine and upscale 3, score, embed and identity 4."""

    name: str
    phase: Phase
    stage: int
    bytes_first: bool
    """Whether of several results under one key one whose bytes can be had counts before the published one."""
    leaves_file: bool
    """Whether it leaves a file beside its output."""
    code: str
    """The code of the diagnostic of a failure."""

    def expects(self, state: Known) -> int:
        """At most how many actions the target asks for."""
        ...

    def wanted(self, state: Known) -> Wanted: ...

    def worker(self, action: Action) -> WorkerRef: ...

    def lane(self, action: Action) -> Lane: ...

    def affinity(self, action: Action) -> tuple[str, ...]:
        """What must be loaded for it, most expensive first. It begins with the kind and the worker."""
        ...

    def estimate(self, action: Action) -> Estimate: ...

    def worker_name(self, action: Action) -> str: ...

    def lacks(self, action: Action) -> Mapping[Diagnostic, str]:
        """What keeps it from being performed on this machine (packages, weights, a device), each with the field of the
        request that asks for it, empty where none does."""
        ...

    def will_ask(self, image: Image) -> Iterable[Action]:
        """What will be asked of pictures of `image` that are not made yet, with NO_PICTURE in their place."""
        ...

    def packages(self, action: Action) -> Mapping[Diagnostic, str]:
        """Of these, the packages that this very action needs, and not whatever its worker does."""
        ...

    def request(self, action: Action) -> Request:
        """What crosses to the worker."""
        ...
