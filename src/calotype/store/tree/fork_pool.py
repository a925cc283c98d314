"""One piece of read-only work shared between forked processes. Must not know what the work is.

The chunks lie as single bytes in a pipe; whoever is free takes the next. A helper that dies, at any instant,
costs time and nothing else: what it did not hand in is done again. The caller must have no other threads.
"""

from __future__ import annotations

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

_MOST_PROCESSES = 4
_SIGKILL = 9  # the module `signal` takes as long to import as a thousand files to look at


def processes_for(items: int, worth_a_process: int) -> int:
    """How many processes so many items are worth; one beside threads, whose locks a fork would inherit."""
    if not hasattr(os, "fork") or items < 2 * worth_a_process or not _is_single_threaded():
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _MOST_PROCESSES, items // worth_a_process))


def _is_single_threaded() -> bool:
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        threading = sys.modules.get("threading")
        return threading is None or threading.active_count() == 1


def share(work: Callable[[int], list[Any]], chunks: int, processes: int) -> list[list[Any]]:
    """`work(chunk)` for each chunk, in order, done by `processes` processes, this one among them.

    `chunks` is at most 256. `work` must only read, and return a list that `marshal` can write.
    """
    queue, feed = os.pipe()
    os.write(feed, bytes(range(chunks)))
    os.close(feed)
    helpers: list[tuple[int, int]] = []
    try:
        for _ in range(processes - 1):
            helpers.append(_helper(work, queue, [results for _pid, results in helpers]))
        done = dict(_take_turns(work, queue))
        for _pid, results in helpers:
            done.update(_handed_in(results))
        return [done[chunk] if chunk in done else work(chunk) for chunk in range(chunks)]
    finally:
        os.close(queue)
        for pid, results in helpers:
            _dismiss(pid, results)


def _take_turns(work: Callable[[int], list[Any]], queue: int) -> Iterator[tuple[int, list[Any]]]:
    while chunk := os.read(queue, 1):
        yield chunk[0], work(chunk[0])


def _helper(work: Callable[[int], list[Any]], queue: int, others: list[int]) -> tuple[int, int]:
    results, hand_in = os.pipe()
    pid = os.fork()
    if pid:
        os.close(hand_in)
        return pid, results
    try:
        for handle in (results, *others):  # else the end of this process's caller would not be felt
            os.close(handle)
        _write(hand_in, marshal.dumps(dict(_take_turns(work, queue)), 2))
    finally:
        os._exit(0)


def _write(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest):]


def _handed_in(results: int) -> dict[int, list[Any]]:
    with open(results, "rb", closefd=False) as pipe:
        data = pipe.read()
    try:
        answers = marshal.loads(data)
    except (EOFError, ValueError, TypeError):
        return {}
    return answers if isinstance(answers, dict) else {}


def _dismiss(pid: int, results: int) -> None:
    os.close(results)
    try:
        os.kill(pid, _SIGKILL)
        os.waitpid(pid, 0)
    except OSError:
        pass
