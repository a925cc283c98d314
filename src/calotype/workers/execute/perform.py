"""One batch through one worker, believing nothing it says unchecked.

Workers are plug-ins. Whatever one does (raise, answer twice, answer nothing, answer with something else), each request
of the batch gets just one answer, and the message names the worker by its kind.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from calotype.ground.diagnostics import Problem
from calotype.ground.digest import canonical_json
from calotype.ground.light_dataclass import replace
from calotype.ground.troubleshooting import OUT_OF_MEMORY, see
from calotype.workers.guarded import printable, words_of
from calotype.workers.protocol import Failure, InputGone, Outcome, Rendered, Scored, Worker, Written
from calotype.workers.work import Answer, Encode, Failed, Gone, Made, Stopped, T, Work

if TYPE_CHECKING:
    from collections.abc import Sequence

MODES = ("L", "LA", "RGB", "RGBA")
FRUITLESS = 3
REPORT = "see the traceback in the newest file of `build/logs`, and report it to the author of the {group}"
RESULT = {"renderer": Rendered, "conditioner": Rendered, "scorer": Scored, "identity": Scored, "enhancer": Written}
"""What the workers of each group yield beside failures."""


class _Misbehaved(Exception):
    """A worker broke the protocol. The message goes on from its name."""


def answers(work: Work, worker: Worker, encode: Encode[T], cancel: Callable[[], bool]) -> Iterator[Answer[T]]:
    """One answer for each node of `work`, as each is ready.

    What breaks a batch is laid at the door of the first request that is still open; the others are tried again
    without it, until that has been of no use `FRUITLESS` times in a row.
    """
    fruitless = 0
    while work.nodes:
        left, complaint = yield from _attempt(work, worker, encode, cancel)
        if complaint is None or cancel():
            reason = complaint or _Misbehaved("gave neither a result nor a failure for it")
            for node in (work.nodes[index] for index in left):
                yield Stopped(node) if cancel() else answer_to(work, node, reason)
            return
        fruitless = fruitless + 1 if len(left) == len(work.nodes) else 0
        failed = len(left) if fruitless == FRUITLESS else 1
        yield from (answer_to(work, work.nodes[index], complaint) for index in left[:failed])
        work = part_of(work, left[failed:])


def part_of(work: Work, indices: Sequence[int]) -> Work:
    """The requests of `work` at `indices` alone."""
    return replace(
        work, nodes=[work.nodes[index] for index in indices], requests=[work.requests[index] for index in indices])


FEWER = f"try fewer jobs (-j 1) or a smaller size; {see(OUT_OF_MEMORY)}"


def answer_to(work: Work, node: int, reason: BaseException) -> Failed | Gone:
    """What `reason`, raised while `node` was performed, answers."""
    name = f"the {work.worker.group} `{work.worker.name}`"
    report = REPORT.format(group=work.worker.group)
    if isinstance(reason, InputGone):
        return Gone(node, reason.digest, printable(str(reason.message)))
    if isinstance(reason, _Misbehaved):
        return Failed(node, f"{name} {reason}", hint=report.partition(", and ")[2])
    if isinstance(reason, MemoryError):
        return Failed(node, f"{name} ran out of memory", hint=FEWER)
    from traceback import format_exception

    traceback = printable("".join(format_exception(reason)))
    if isinstance(reason, Problem) and reason.diagnostics:
        first = reason.diagnostics[0]
        return Failed(node, printable(first.message), hint=_hint(first.hint), traceback=traceback)
    return Failed(node, f"{name} failed: {words_of(reason)}", hint=report, traceback=traceback)


def _attempt(
    work: Work, worker: Worker, encode: Encode[T], cancel: Callable[[], bool]
) -> Generator[Answer[T], None, tuple[list[int], BaseException | None]]:
    """Yields the answers that the worker gives; returns what it left open, by index, and what went wrong.

    The last answer is held back until the worker has ended: only then is it known that it gave no more than it
    was asked for and ended in peace.
    """
    open_nodes = dict(enumerate(work.nodes))
    last: Answer[T] | None = None
    since = time.perf_counter()
    complaint: BaseException | None = None
    try:
        for outcome in worker.perform(work.requests, work.inputs, cancel):
            index = _index(work, outcome, open_nodes)
            node = open_nodes.pop(index)
            answer = _answer(work, node, index, outcome, encode, since)
            del outcome
            if open_nodes:
                yield answer
            else:
                last = answer
            since = time.perf_counter()
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:  # a panic of native code is no Exception
        complaint = error
    if last is not None:
        yield last if complaint is None else answer_to(work, last.node, complaint)
    return list(open_nodes), complaint


def _index(work: Work, outcome: object, open_nodes: Mapping[int, int]) -> int:
    """The index that `outcome` answers; raises _Misbehaved unless it is an answer, and one still owed."""
    due = RESULT[work.worker.group]
    if not isinstance(outcome, Rendered | Scored | Written | Failure) or not isinstance(outcome, (due, Failure)):
        raise _Misbehaved(f"gave a `{type(outcome).__name__}` where a {due.__name__} or a Failure was due")
    index, count = outcome.index, len(work.nodes)
    if type(index) is not int or not 0 <= index < count:
        raise _Misbehaved(f"answered request {index!r} of a batch of {count}")
    if index not in open_nodes:
        raise _Misbehaved(f"answered request {index} of its batch twice")
    return index


def _answer(
    work: Work, node: int, index: int, outcome: Outcome, encode: Encode[T], since: float
) -> Answer[T]:
    try:
        if isinstance(outcome, Failure):
            _check_facts(outcome.facts)
            return Failed(
                node, printable(str(outcome.message)), _hint(outcome.hint), seconds=time.perf_counter() - since,
                awaits=outcome.awaits, facts=dict(outcome.facts))
        _check(outcome, work.worker.group)
        value = encode(work.requests[index], outcome)
    except Exception as error:
        return answer_to(work, node, error)
    return Made(node, value, dict(outcome.facts), time.perf_counter() - since)


def _hint(hint: object) -> str | None:
    return None if hint is None else printable(str(hint))


def _check(outcome: Rendered | Scored | Written, group: str) -> None:
    if isinstance(outcome, Rendered):
        _check_picture(outcome.pixels)
    elif isinstance(outcome, Written):
        _check_text(outcome)
    else:
        _check_score(outcome)
        if group == "identity":
            _check_similarity(outcome)
    _check_facts(outcome.facts)


def _check_facts(facts: object) -> None:
    if not isinstance(facts, Mapping):
        raise _Misbehaved(f"gave a `{type(facts).__name__}` for facts, which are a mapping")
    _check_json("facts", facts)


def _check_picture(pixels: object) -> None:
    mode = getattr(pixels, "mode", None)
    if mode is None:
        raise _Misbehaved(f"gave a `{type(pixels).__name__}` where a picture was due")
    if mode not in MODES:
        raise _Misbehaved(f"gave a picture of mode {mode}; it must be one of {', '.join(MODES)}")


def _check_text(written: Written) -> None:
    if not isinstance(written.text, str) or not written.text or not written.text.isprintable():
        raise _Misbehaved("gave no text that is one printable line")
    if type(written.score) not in (int, float) or not 0 <= written.score <= 100:
        raise _Misbehaved(f"gave a score of {written.score!r}; it must be 0 to 100")
    _check_json("rounds", written.rounds)


def _check_score(scored: Scored) -> None:
    """A score is compared with others and written as JSON, so it is a plain number, 0 to 100."""
    if not isinstance(scored.parts, Mapping):
        raise _Misbehaved(f"gave a `{type(scored.parts).__name__}` for the parts of a score, which are a mapping")
    totals = {} if scored.total is None else {"total": scored.total}
    for name, value in {**totals, **scored.parts}.items():
        if type(value) not in (int, float) or not math.isfinite(value):
            raise _Misbehaved(f"gave {value!r} for the score's `{name}`, which is a finite number")
    if scored.total is not None and not 0 <= scored.total <= 100:
        raise _Misbehaved(f"gave a score of {scored.total:g}; it must be 0 to 100")
    if not isinstance(scored.reason, str):
        raise _Misbehaved(f"gave a `{type(scored.reason).__name__}` for a reason, which is a text")
    _check_json("parts", scored.parts)


def _check_similarity(scored: Scored) -> None:
    for name in ("similarity", "own"):
        if not -1 <= scored.parts.get(name, 0) <= 1:
            raise _Misbehaved(f"gave a `{name}` of {scored.parts[name]:g}; it must be -1 to 1")


def _check_json(member: str, value: Mapping[str, Any]) -> None:
    if not all(isinstance(name, str) for name in value):
        raise _Misbehaved(f"gave {member} with a name that is no text")
    try:
        canonical_json(dict(value))
    except (TypeError, ValueError) as error:
        raise _Misbehaved(f"gave {member} that are not JSON: {error}") from None
