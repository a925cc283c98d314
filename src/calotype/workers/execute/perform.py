"""One batch through one renderer, believing nothing it says unchecked. Must not know of threads.

Renderers are plug-ins. Whatever one does (raise, answer twice, answer nothing, answer with something else),
each request of the batch gets just one answer, and the message names the renderer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace

from calotype.ground.digest import canonical_json
from calotype.workers.execute.protocol import Answer, Encode, Failed, Made, Stopped, T, Work
from calotype.workers.render.protocol import Failure, Rendered

MODES = ("L", "LA", "RGB", "RGBA")
FRUITLESS = 3
REPORT = "see the log for the traceback, and report it to the author of the renderer"


class _Misbehaved(Exception):
    """A renderer broke the protocol. The message goes on from its name."""


def answers(work: Work, encode: Encode[T], cancel: Callable[[], bool]) -> Iterator[Answer[T]]:
    """One answer for each node of `work`, as each is ready.

    What breaks a batch is laid at the door of the first request that is still open; the others are tried again
    without it, until that has been of no use `FRUITLESS` times in a row.
    """
    fruitless = 0
    while work.nodes:
        left, complaint = yield from _attempt(work, encode, cancel)
        if complaint is None or cancel():
            error = complaint or _Misbehaved("gave neither a picture nor a failure for it")
            for node in (work.nodes[at] for at in left):
                yield Stopped(node) if cancel() else _failed(work, node, error)
            return
        fruitless = fruitless + 1 if len(left) == len(work.nodes) else 0
        failed = len(left) if fruitless == FRUITLESS else 1
        yield from (_failed(work, work.nodes[at], complaint) for at in left[:failed])
        rest = left[failed:]
        work = replace(work, nodes=[work.nodes[at] for at in rest], requests=[work.requests[at] for at in rest])


def _attempt(
    work: Work, encode: Encode[T], cancel: Callable[[], bool]
) -> Generator[Answer[T], None, tuple[list[int], BaseException | None]]:
    """Yields the answers that the renderer gives; returns what it left open, by index, and what went wrong.

    The last answer is held back until the renderer has ended: only then is it known that it gave no more than it
    was asked for and ended in peace.
    """
    open_nodes = dict(enumerate(work.nodes))
    last: Answer[T] | None = None
    since = time.perf_counter()
    complaint: BaseException | None = None
    try:
        for outcome in work.renderer.render(work.requests, work.inputs, cancel):
            index = _index(outcome, open_nodes, len(work.nodes))
            node = open_nodes.pop(index)
            answer = _answer(work, node, index, outcome, encode, since)
            del outcome
            if open_nodes:
                yield answer
            else:
                last = answer
            since = time.perf_counter()
    except (Exception, SystemExit) as error:
        complaint = error
    if last is not None:
        yield last if complaint is None else _failed(work, last.node, complaint)
    return list(open_nodes), complaint


def _index(outcome: object, open_nodes: Mapping[int, int], count: int) -> int:
    """The index that `outcome` answers; raises _Misbehaved unless it is an answer, and one still owed."""
    if not isinstance(outcome, Rendered | Failure):
        raise _Misbehaved(f"gave a `{type(outcome).__name__}` where a Rendered or a Failure was due")
    index = outcome.index
    if type(index) is not int or not 0 <= index < count:
        raise _Misbehaved(f"answered request {index!r} of a batch of {count}")
    if index not in open_nodes:
        raise _Misbehaved(f"answered request {index} of its batch twice")
    return index


def _answer(
    work: Work, node: int, index: int, outcome: Rendered | Failure, encode: Encode[T], since: float
) -> Answer[T]:
    if isinstance(outcome, Failure):
        return Failed(node, str(outcome.message), outcome.hint, seconds=time.perf_counter() - since)
    try:
        _check_picture(outcome)
        value = encode(work.requests[index], outcome)
    except Exception as error:
        return _failed(work, node, error)
    return Made(node, value, outcome.facts, time.perf_counter() - since)


def _check_picture(rendered: Rendered) -> None:
    mode = getattr(rendered.pixels, "mode", None)
    if mode is None:
        raise _Misbehaved(f"gave a `{type(rendered.pixels).__name__}` where a picture was due")
    if mode not in MODES:
        raise _Misbehaved(f"gave a picture of mode {mode}; it must be one of {', '.join(MODES)}")
    if not isinstance(rendered.facts, Mapping):
        raise _Misbehaved(f"gave a `{type(rendered.facts).__name__}` for facts, which are a mapping")
    try:
        canonical_json(dict(rendered.facts))
    except (TypeError, ValueError) as error:
        raise _Misbehaved(f"gave facts that are not JSON: {error}") from None


def _failed(work: Work, node: int, error: BaseException) -> Failed:
    name = f"the renderer `{work.renderer.name}`"
    if isinstance(error, _Misbehaved):
        return Failed(node, f"{name} {error}", hint="report it to the author of the renderer")
    if isinstance(error, MemoryError):
        return Failed(node, f"{name} ran out of memory", hint="try fewer jobs (-j 1) or a smaller size")
    from traceback import format_exception

    said = f"{type(error).__name__}: {error}".strip().rstrip(":").splitlines()[0]
    return Failed(node, f"{name} failed: {said}", hint=REPORT, traceback="".join(format_exception(error)))
