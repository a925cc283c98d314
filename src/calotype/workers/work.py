"""What executors are and what crosses to them: batches of work that pickle, and one answer for each node.

An executor is one class behind the entry-point group `calotype.executors`; it knows nothing of what answers are for.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from calotype.ground.light_dataclass import dataclass, field
from calotype.workers.protocol import Lane, Outcome, Request, WorkerRef

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Work:
    """One batch, which pickles. `nodes[i]` is the caller's name for `requests[i]`; all requests share one affinity.

    `inputs` says where the bytes are of each digest that the requests name. `lane` is what the work keeps busy.
    """

    worker: WorkerRef
    nodes: Sequence[int]
    requests: Sequence[Request]
    inputs: Mapping[str, Path] = field(default_factory=dict)
    lane: Lane = "cpu"


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """The result of `node`, encoded. `seconds`: wall time since the answer before it, with the encoding."""

    node: int
    value: T
    facts: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """`node` gave no result. `message` and `hint` are for people, `traceback` for the event log alone. `awaits`: a
    person must decide before it is performed again. `facts` tell how it came to that."""

    node: int
    message: str
    hint: str | None = None
    traceback: str | None = None
    seconds: float = 0.0
    awaits: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gone:
    """`node` was not performed: its input called `digest` is missing or damaged, and must be made again first."""

    node: int
    digest: str
    message: str
    hint: str | None = "build again"
    traceback: str | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """`node` was not answered, because the run was cancelled."""

    node: int


Answer = Made[T] | Failed | Gone | Stopped
Source = Callable[[int], Work | None]
"""The next batch for the place of work with this number, from 0; None: nothing now."""
Encode = Callable[[Request, Outcome], T]


class Executor(Protocol):
    """Version 2."""

    name: str

    def run(
        self, source: Source, encode: Encode[T], jobs: int = 1, cancel: Callable[[], bool] = ...,
        tell: Callable[..., None] = ...,
    ) -> Generator[Answer[T], None, None]:
        """Yields just one answer for each node of each batch that `source` gives, in any order.

        There are `jobs` places of work, 0 to `jobs - 1`. `source(place)` is asked on the caller's thread, between
        answers, for a place that is idle: what is loaded there stays loaded. None means "nothing now": it is asked
        again after every answer, or when none came for a while, and the run ends when nothing runs and nothing comes.
        So an answer is handled (stored, told to the schedule) before more is started.

        `encode(request, outcome)` turns a `Rendered` or a `Scored` into what the caller keeps. It runs where the result
        was made, maybe on several threads or in other processes, so it is pure and pickles. What it raises is a failure
        of that node. `tell(kind, **fields)` takes the events of workers, on any thread.

        When `cancel()` turns true, workers stop between units, no more is asked of `source`, and what is not answered
        is `Stopped`. At most some 2 x `jobs` answers are held in memory.
        """
        ...
