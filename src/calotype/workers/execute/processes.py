"""Performs in processes of this machine, each with warm workers of its own: interpreters share no lock, and a worker
that crashes takes no build with it.

A batch crosses as it is (`Work` pickles), results come back encoded. A process that ends in the middle of a batch loses
what it had not answered: that is performed again, request by request, in a new process.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from functools import partial
from typing import IO, Any

from calotype.workers.execute.child import EVENT, OVER
from calotype.workers.execute.frames import read_object, write_frame, write_object
from calotype.workers.execute.perform import FEWER, part_of
from calotype.workers.execute.pool import Pool
from calotype.workers.protocol import silent
from calotype.workers.work import Answer, Encode, Failed, Source, Stopped, T, Work

GRACE = 0.8
"""Seconds that a process has to end what it is at after a cancel; then it is killed."""
TRIES = 3
"""How often a request is performed whose process ends before it is answered."""
FRUITLESS = 10
"""Processes that end one after another with no answer at all: then the worker is believed to end every one."""
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); "
    "from calotype.workers.execute.child import main; main()"
)
_TAIL = 4096
"""Bytes of what a process wrote last that are kept in the log when it ends unasked."""


class ProcessesExecutor:
    """One process for each job. What workers print is seen only where a process ends unasked, in the log."""

    name = "processes"

    def run(
        self, source: Source, encode: Encode[T], jobs: int = 1, cancel: Callable[[], bool] = lambda: False,
        tell: Callable[..., None] = silent,
    ) -> Generator[Answer[T], None, None]:
        """As the protocol says. Close the iterator (`contextlib.closing`) to give up early: every process ends then."""
        pickle.dumps(encode)  # said here, not by each process
        return Pool(source, [ProcessPlace(encode, tell) for _ in range(jobs)], cancel).run()


class ProcessPlace:
    """A place of work in a process of its own, started by the first batch and again after it has ended unasked."""

    def __init__(self, encode: Encode[Any], tell: Callable[..., None]) -> None:
        self._encode, self._tell = encode, tell
        self._turn = threading.Lock()
        self._process: Process | None = None
        self._closed = False
        self._fruitless = 0
        self._last_end = "was not started", ""

    def perform(self, work: Work, cancel: Callable[[], bool]) -> Iterator[Answer[Any]]:
        ends: Counter[int] = Counter()
        parts = deque([work])
        while parts:
            part = parts.popleft()
            left = list(range(len(part.nodes)))
            if not cancel() and self._fruitless < FRUITLESS:
                left = yield from self._attempt(part)
                if left and not cancel():
                    self._bury()
                    ends.update(part.nodes[index] for index in left)
            for index in left:
                node = part.nodes[index]
                if cancel():
                    yield Stopped(node)
                elif ends[node] >= TRIES or self._fruitless >= FRUITLESS:
                    yield _ended(part, node, self._last_end, ends[node])
                else:
                    parts.append(part_of(part, [index]))

    def stop(self) -> None:
        process = self._process
        if process is not None:
            process.cancel()

    def close(self) -> None:
        with self._turn:
            self._closed = True
            process = self._process  # the place's own thread may bury it meanwhile
        if process is not None:
            process.close()

    def _attempt(self, part: Work) -> Generator[Answer[Any], None, list[int]]:
        """Yields the answers of a process to one batch; returns the indices left open by one that ended."""
        left = {node: index for index, node in enumerate(part.nodes)}
        process = self._started()
        if process is None or not process.send(part):
            return list(left.values())
        while (frame := process.receive()) not in (OVER, None):
            if isinstance(frame, tuple) and frame[0] == EVENT:
                self._tell(frame[1], **frame[2])
                continue
            del left[frame.node]
            self._fruitless = 0
            yield frame
        return list(left.values())

    def _started(self) -> Process | None:
        """The process, or None where the run is over."""
        with self._turn:
            if self._process is None and not self._closed:
                self._process = Process(self._encode)
            return self._process

    def _bury(self) -> None:
        """Notes how the process ended, and what it wrote last; the next batch starts another."""
        with self._turn:
            process, self._process = self._process, None
        self._fruitless += 1
        if process is not None:
            self._last_end = process.close()


class Process:
    """A started process and its pipes."""

    def __init__(self, encode: Encode[Any]) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-c", _BOOT, json.dumps(sys.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, bufsize=0,
        )
        self._turn, self._closing = threading.Lock(), threading.Lock()
        self._deadline: float | None = None
        self.send(encode)

    def send(self, value: Any) -> bool:
        """False where the process has ended."""
        return self._write(partial(write_object, value=value))

    def _write(self, write: Callable[[IO[bytes]], None]) -> bool:
        assert self._process.stdin is not None
        try:
            with self._turn:
                write(self._process.stdin)
        except (OSError, ValueError):  # a closed pipe: of the other end, or of this one
            return False
        return True

    def receive(self) -> Any:
        """The next frame; None where the process has ended."""
        assert self._process.stdout is not None
        try:
            return read_object(self._process.stdout)
        except (EOFError, OSError, ValueError):
            return None

    def cancel(self) -> None:
        """Asks the process to stop between units; kills it where it has not after GRACE. Called again and again."""
        if self._deadline is None:
            self._deadline = time.monotonic() + GRACE
            self._write(partial(write_frame, data=b""))
        elif time.monotonic() > self._deadline:
            self._process.kill()

    def close(self) -> tuple[str, str]:
        """Ends the process. Returns how it ended, and what it wrote last to its error stream."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._closing:
            with suppress(OSError):
                self._process.stdin.close()
            try:
                self._process.wait(GRACE / 2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process.stdout.close()
            return _exit(self._process.returncode), self._last_words()

    def _last_words(self) -> str:
        if self._errors.closed:
            return ""
        with self._errors as errors:
            errors.seek(max(0, errors.seek(0, 2) - _TAIL))
            return errors.read().decode(errors="replace")


def _exit(code: int) -> str:
    return f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _ended(work: Work, node: int, reason: tuple[str, str], times: int) -> Failed:
    how, last_words = reason
    repeated = f" ({times} times)" if times > 1 else ""
    return Failed(
        node, f"the process of the {work.worker.group} `{work.worker.name}` {how}{repeated}",
        hint=f"the log holds what it wrote last; it may have run out of memory: {FEWER}",
        traceback=last_words or None)
