"""The worker protocol, version 2: what renderers, scorers, conditioners and identity methods are, and what they answer.

A worker is one object behind an entry point of `calotype.renderers`, `calotype.scorers`, `calotype.conditioners` or
`calotype.identities`. Its module imports nothing heavy at the top: `request`, `affinity` and `estimate` run in `plan`
and `check`, where a model is never loaded; `perform` loads what it needs when it is first called.

A worker is performed in a process of the executor's choosing, by its reference: name, epoch and settings. What decides
the result stands in the requests, as JSON; inputs are named there by digest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from calotype.ground.digest import canonical_json
from calotype.ground.light_dataclass import dataclass, field

if TYPE_CHECKING:
    from PIL.Image import Image as Pixels

    from calotype.ground.diagnostics import Diagnostic
    from calotype.ground.finding import Finding
    from calotype.language.enhancing.enhancement import Enhancement
    from calotype.language.identity import Identity
    from calotype.language.image import Image

PROTOCOL = 2
Group = Literal["renderer", "scorer", "conditioner", "identity", "enhancer"]
Lane = Literal["cpu", "device", "network"]
"""What a worker keeps busy while it performs: the cores of this machine, its accelerator, or a service elsewhere."""

Request = Mapping[str, Any]
"""JSON values only: everything that decides one result."""
Inputs = Mapping[str, Path]
"""Where the bytes are of each digest that requests name: of a pixel digest a picture, of a digest of weights their
file or folder."""
Cancel = Callable[[], bool]
Tell = Callable[..., None]
"""`tell(kind, **fields)` emits an event of `ground.events`."""


def silent(kind: str, /, **fields: Any) -> None:
    """A `tell` that nobody listens to."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one request is expected to cost: wall seconds on this machine, and a price in `currency`, which is not known
    where it is not `priced`; of a language model at most so many `tokens`, read and written."""

    seconds: float
    price: float = 0.0
    currency: str = "USD"
    priced: bool = True
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Rendered:
    """Pixels of the request at `index` in the batch: 8-bit L, LA, RGB or RGBA, and facts (JSON) worth recording."""

    index: int
    pixels: Pixels
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of the request at `index`: `total` is 0-100, higher is better; `parts` are what it is made of.

    `total` is None where the scorer has nothing to say of the picture (no face is found). `reason`: why the picture
    must not stand for its target, on one line for people; empty where it may, and where `total` is None.
    """

    index: int
    total: float | None
    parts: Mapping[str, float] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """The prompt that was made of the request at `index`: one line, its score 0-100, and how it came about (JSON)."""

    index: int
    text: str
    score: float
    rounds: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def similarity_of(scored: Scored) -> float | None:
    """What an identity method found: the part `similarity`, -1 to 1, else a hundredth of the total; None where the
    picture does not tell."""
    return None if scored.total is None else scored.parts.get("similarity", scored.total / 100)


@dataclass(frozen=True, slots=True)
class Failure:
    """The request at `index` gave no result. `message` is for people; `hint` says what to do. `awaits`: a person must
    decide before it may be tried again; planning then says so of the targets that ask for it. `facts` (JSON) tell how
    it came to that, for the trace of a target."""

    index: int
    message: str
    hint: str | None = None
    awaits: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


Outcome = Rendered | Scored | Written | Failure


class InputGone(Exception):
    """Raised by `perform` where the input called `digest` is missing, damaged, or holds other pixels than it should.

    The request fails for no fault of its own: the input is made again, then the request is performed again.
    """

    def __init__(self, digest: str, message: str) -> None:
        super().__init__(digest, message)
        self.digest, self.message = digest, message

    def __str__(self) -> str:
        return self.message


class Named(Protocol):
    """A plug-in of any kind."""

    name: str


class Worker(Protocol):
    """`epoch` moves when the same request would give another result."""

    name: str
    epoch: int

    def affinity(self, request: Request) -> tuple[str, ...]:
        """What must be loaded for it, most expensive first. Equal prefixes share what they name."""
        ...

    def estimate(self, request: Request) -> Estimate: ...

    def perform(self, batch: Sequence[Request], inputs: Inputs, cancel: Cancel) -> Iterator[Outcome]:
        """Yields one outcome for each request, in any order, as each is ready.

        All of `batch` share one affinity. When `cancel()` turns true it stops between units of work and yields nothing
        more. With several jobs of one process it is called on several threads at once. What it raises is a failure of
        the request at work, in the words and with the hint of a `Problem`.
        """
        ...


class Renderer(Worker, Protocol):
    """Makes pictures: yields `Rendered`."""

    def request(self, image: Image) -> Request:
        """The projection of a resolved image onto what decides its pixels with this renderer, and nothing else.

        It names the renderer, its epoch and the seed: `renderer`, `epoch`, `seed`.
        """
        ...


class Scorer(Worker, Protocol):
    """Judges pictures: yields `Scored`."""

    def request(self, image: Image, pixels: str) -> Request | None:
        """What decides the score of a candidate of `image` whose pixel digest is `pixels`: what the scorer reads of the
        image (texts, posture, references) and the digests of its weights. None where it has nothing to say of `image`,
        whatever its pixels.

        It names the scorer, its epoch and the pixels: `scorer`, `epoch`, `pixels`.
        """
        ...


class IdentityMethod(Worker, Protocol):
    """Tells whether a picture shows a character: yields `Scored`, where `total` is 100 max(similarity, 0) and `parts`
    hold `similarity`, -1 to 1; also `own`, the lowest similarity of one reference to the others, where there are three
    or more. `total` is None where the picture does not tell (no face)."""

    def request(self, identity: Identity, image: Image, pixels: str) -> Request:
        """What decides how much the picture `pixels` is like the character: digests of its references and weights.

        It names the method, its epoch and the pixels: `identity`, `epoch`, `pixels`; no threshold.
        """
        ...


class Enhancer(Worker, Protocol):
    """Writes prompts: yields `Written`."""

    def request(self, enhancement: Enhancement, prompt: str) -> Request:
        """What decides the text that is made of `prompt`. It names the enhancer and its epoch."""
        ...


class Conditioner(Worker, Protocol):
    """Draws control maps: yields `Rendered`. `pose` draws those of a posture, every other is a detector that makes them
    of a picture and is named by `preprocessor` under `controlnets` in calotype.yaml. Requests are those of
    `language.condition`."""


class OptionalMembers(Worker, Protocol):
    """Members that a worker may have as well; each is asked for by its name, and may be absent."""

    lane: Lane
    """`cpu` where it is absent."""
    section: str
    """The section of calotype.yaml that holds its settings; without it, `plugins: {NAME: ...}`."""
    prompt_limit: int | None
    """How many tokens of a prompt a renderer reads; None: all of them. Absent: 75."""

    def prompt_limit_for(self, image: Image) -> int | None:
        """As `prompt_limit`, of a renderer that reads more of some images than of others. Absent: `prompt_limit`."""
        ...

    exact: bool
    """Of a renderer: its pictures show what they were asked to by construction, so that no scorer judges them but those
    that calotype.yaml names. Absent: no."""
    gates: bool
    """Of a scorer: it may give a `reason` that keeps a picture out, so it is asked about each picture of a renderer
    that is not `exact`. Absent: no."""
    performed_by: str
    """Of a scorer: the scorer whose `perform` takes its requests, along with those of others. Absent: itself."""

    def embedding(self, request: Request, inputs: Inputs) -> Any:
        """Of an identity method: the one row of numbers that stands for all references of a request, as
        `calotype identity --save` writes it. Absent: it has none."""
        ...

    journal: str
    """The name of a file in the cache folder in which it keeps what it has bought (`store.hosted_journal`); its
    settings then hold the place of it as `journal`, and as `since` when the build at work began. Absent: none."""
    reads_safetensors: bool
    """Whether a renderer's weights are proved whole before anything is rendered. Absent: no."""

    def configure(self, settings: Mapping[str, Any], tell: Tell) -> None:
        """Called before the first `perform`, and again for other settings or another listener. Loads no model.

        Settings decide where and how, never what: what decides pixels stands in the requests as well. Raises Problem
        for settings that it cannot use.
        """
        ...

    def unavailable_reason(self) -> tuple[str, str] | None:
        """Why it cannot work on this machine, and what to do about it. Asked before anything is rendered; imports
        nothing heavy."""
        ...

    def lacks(self, request: Request) -> Iterable[tuple[str, str, str]]:
        """The fields of a request that ask for a package that is not installed, each with why and what to do about it.
        Asked before anything is rendered, of a worker that can work; imports nothing heavy."""
        ...

    def diagnose(self, presets: Mapping[str, Mapping[str, Any]]) -> Iterable[Finding]:
        """What `calotype doctor` reports of a worker that is in use and was configured: packages, device, room for each
        of the project's presets. May import what it needs."""
        ...

    def close(self) -> None:
        """Lets go of what it has loaded, since other settings take its place."""
        ...


@dataclass(frozen=True, slots=True)
class WorkerRef:
    """A worker, as it crosses to another process: it is found there by its name. `settings` is canonical JSON."""

    group: Group
    name: str
    epoch: int
    settings: str = "{}"

    @classmethod
    def of(cls, group: Group, worker: Worker, settings: Mapping[str, Any]) -> WorkerRef:
        return cls(group, worker.name, worker.epoch, canonical_json(dict(settings)).decode())

    @property
    def options(self) -> dict[str, Any]:
        """The settings as JSON values."""
        options: dict[str, Any] = json.loads(self.settings)
        return options


def lane_of(worker: Worker) -> Lane:
    lane: Lane = getattr(worker, "lane", "cpu")
    return lane


def configure(plugin: Named, settings: Mapping[str, Any], tell: Tell = silent) -> None:
    """Hands a worker or an executor its settings. Raises Problem for those that it cannot use."""
    from calotype.ground.diagnostics import Problem, error

    method: Callable[[Mapping[str, Any], Tell], None] | None = getattr(plugin, "configure", None)
    if method is not None:
        method(settings, tell)
    elif settings:
        message = f"`{plugin.name}` takes no settings"
        hint = f"take `{plugin.name}` out of `plugins`"
        raise Problem(error("no-settings", message, file="calotype.yaml", hint=hint))


def unavailable_reason(worker: Worker) -> tuple[str, str] | None:
    """Why the worker cannot work on this machine, and what to do about it; None where it can, or does not say."""
    method: Callable[[], tuple[str, str] | None] | None = getattr(worker, "unavailable_reason", None)
    return method() if method is not None else None


def lacking_packages(worker: Worker, request: Request) -> Iterable[tuple[str, str, str]]:
    """What packages a request needs and this machine has not, as its worker tells them."""
    method: Callable[[Request], Iterable[tuple[str, str, str]]] | None = getattr(worker, "lacks", None)
    return method(request) if method is not None else ()


def open_input(inputs: Inputs, pixels: str) -> Pixels:
    """The picture that `pixels` names, decoded. Raises InputGone unless it is there and is just that picture."""
    from calotype.ground.diagnostics import Problem
    from calotype.ground.images import digest_of, open_image

    if pixels not in inputs:
        raise InputGone(pixels, f"the picture {pixels[:10]} is not at hand")
    try:
        picture = open_image(inputs[pixels])
    except Problem as problem:
        raise InputGone(pixels, _words(problem.diagnostics)) from problem
    if digest_of(picture) != pixels:
        raise InputGone(pixels, f"`{inputs[pixels].name}` holds another picture than {pixels[:10]}")
    return picture


def _words(diagnostics: Sequence[Diagnostic]) -> str:
    return diagnostics[0].message if diagnostics else "cannot be read"
