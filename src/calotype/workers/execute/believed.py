"""What an executor that is a plug-in answers, believed nothing unchecked: any fault is told as its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from typing import Any

from calotype.ground.diagnostics import Problem
from calotype.workers.guarded import Guarded
from calotype.workers.work import Answer, Encode, Executor, Failed, Gone, Made, Source, Stopped, T, Work


def answers_of(
    executor: Executor, source: Source, encode: Encode[T], jobs: int, cancel: Callable[[], bool],
    tell: Callable[..., None], is_due: Callable[[int, object], bool],
) -> Generator[Answer[T], None, None]:
    """As `executor.run`; `is_due` says whether a value is what the work of a node gives. Raises Problem where a plug-in
    raises, or yields what answers nothing that it was given; what `source` and `cancel` raise stays what it is."""
    if not isinstance(executor, Guarded):
        return executor.run(source, encode, jobs, cancel, tell)
    return _believed(executor, source, encode, jobs, cancel, tell, is_due)


def _believed(
    executor: Guarded, source: Source, encode: Encode[T], jobs: int, cancel: Callable[[], bool],
    tell: Callable[..., None], is_due: Callable[[int, object], bool],
) -> Generator[Answer[T], None, None]:
    open_nodes: set[int] = set()
    own: list[BaseException] = []

    def given(place: int) -> Work | None:
        work: Work | None = _noting(own, source, place)
        open_nodes.update(work.nodes if work is not None else ())
        return work

    try:
        with closing(executor.run(given, encode, jobs, lambda: _noting(own, cancel), tell)) as answers:
            for answer in answers:
                reason = _fault(answer, open_nodes, is_due)
                if reason is not None:
                    executor.refuse(f"yields {reason}")
                open_nodes.discard(answer.node)
                yield answer
    except Problem:
        raise
    except (Exception, SystemExit) as failure:
        if any(failure is one for one in own):
            raise
        executor.fails("run", failure)


def _noting(own: list[BaseException], call: Callable[..., Any], *words: Any) -> Any:
    try:
        return call(*words)
    except BaseException as failure:
        own.append(failure)
        raise


def _fault(answer: object, open_nodes: set[int], is_due: Callable[[int, object], bool]) -> str | None:
    """What is wrong with an answer; None where it is sound."""
    if not isinstance(answer, Made | Failed | Gone | Stopped):
        return f"a `{type(answer).__name__}`, which is no answer"
    if type(answer.node) is not int or answer.node not in open_nodes:
        return f"an answer to {answer.node!r}, which is not open"
    if isinstance(answer, Made):
        if not isinstance(answer.facts, Mapping):
            return "an answer whose facts are no mapping"
        if type(answer.seconds) not in (int, float) or not math.isfinite(answer.seconds):
            return f"an answer of {answer.seconds!r} seconds"
        if not is_due(answer.node, answer.value):
            return "a result that is none of its work"
    elif isinstance(answer, Failed | Gone) and not isinstance(answer.message, str):
        return "a failure without words"
    return None
