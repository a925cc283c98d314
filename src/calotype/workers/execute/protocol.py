"""The executor's protocol, version 1. Must not know any executor, nor what becomes of an answer.

An executor is one class behind the entry-point group `calotype.executors`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from calotype.workers.render.protocol import Rendered, Renderer, Request

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Work:
    """One batch. `nodes[i]` is the caller's name for `requests[i]`; all requests share one affinity."""

    renderer: Renderer
    nodes: Sequence[int]
    requests: Sequence[Request]
    inputs: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """The picture of `node`, encoded. `seconds`: wall time since the answer before it, with the encoding."""

    node: int
    value: T
    facts: Mapping[str, Any]
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """`node` gave no picture. `message` and `hint` are for people, `traceback` for the event log alone."""

    node: int
    message: str
    hint: str | None = None
    traceback: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Stopped:
    """`node` was not answered, because the run was cancelled."""

    node: int


Answer = Made[T] | Failed | Stopped
Source = Callable[[], Work | None]
Encode = Callable[[Request, Rendered], T]


class Executor(Protocol):
    """Version 1."""

    name: str

    def run(
        self, source: Source, encode: Encode[T], jobs: int = 1, cancel: Callable[[], bool] = ...
    ) -> Generator[Answer[T], None, None]:
        """Yields just one answer for each node of each batch that `source` gives, in any order.

        `source` is asked on the caller's thread, between answers, whenever fewer than `jobs` batches run;
        None means "nothing now": it is asked again after every answer, and the run ends when nothing runs
        and nothing comes. So an answer is handled (stored, told to the schedule) before more is started.

        `encode(request, rendered)` turns pixels into what the caller keeps. It runs where the picture was
        made, maybe on several threads at once, so it must be pure. What it raises is a failure of that node.

        When `cancel()` turns true, renderers stop between units, no more is asked of `source`, and what is
        not answered is `Stopped`. At most some 2 x `jobs` answers are held in memory.
        """
        ...
