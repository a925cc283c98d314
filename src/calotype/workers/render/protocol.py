"""The renderer's protocol, version 1. Must not know any renderer, nor where its pixels go.

A renderer is one object behind the entry-point group `calotype.renderers`. Its module must import
nothing heavy at the top: `request`, `affinity` and `estimate` run in `plan` and `check`, where only
`render` may load a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

    from calotype.language.image import Image

Request = Mapping[str, Any]
"""JSON values only. It must name the renderer, its epoch and the seed: `renderer`, `epoch`, `seed`."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one request is expected to cost: wall seconds on this machine, and a price in `currency`."""

    seconds: float
    price: float = 0.0
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Rendered:
    """Pixels of the request at `index` in the batch: 8-bit L, LA, RGB or RGBA, and facts (JSON) worth recording."""

    index: int
    pixels: Pixels
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failure:
    """The request at `index` gave no picture. `message` is for people; `hint` says what to do."""

    index: int
    message: str
    hint: str | None = None


class Renderer(Protocol):
    """Version 1. `epoch` moves when the same request would give other pixels."""

    name: str
    epoch: int

    def request(self, image: Image) -> Request:
        """The projection of a resolved image onto what decides its pixels with this renderer, and nothing else."""
        ...

    def affinity(self, request: Request) -> tuple[str, ...]:
        """What must be loaded for it, most expensive first. Equal prefixes share what they name."""
        ...

    def estimate(self, request: Request) -> Estimate: ...

    def render(
        self, batch: Sequence[Request], inputs: Mapping[str, Path], cancel: Callable[[], bool]
    ) -> Iterator[Rendered | Failure]:
        """Yields one `Rendered` or `Failure` for each request, in any order, as each is ready.

        All of `batch` share one affinity. `inputs` maps each digest named by a request to where its bytes are: a pixel
        digest to a picture, a digest of weights to their file or folder. When `cancel()` turns true it stops between
        units of work and yields nothing more. With several jobs it is called on several threads at once.
        """
        ...


class Equipped(Renderer, Protocol):
    """Members that a renderer may have as well; each is asked for by its name, and may be absent."""

    prompt_limit: int | None
    """How many tokens of a prompt it reads; None: all of them."""

    def unfit(self) -> tuple[str, str] | None:
        """Why it cannot render on this machine, and what to do about it. Imports nothing heavy."""
        ...

    def configure(self, settings: Mapping[str, Any], tell: Callable[..., None]) -> None:
        """Called once before the renders of a build. `settings` are `models` of calotype.yaml: those that decide pixels
        stand in the requests as well, others (device, memory) only here. `tell(kind, **fields)` emits an event."""
        ...
