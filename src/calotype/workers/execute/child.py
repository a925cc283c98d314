"""What a process of the `processes` executor runs: batches from its standard input, answers to its standard output.

Both are moved away before anything else is imported, so that what a worker prints goes to the process's error stream.
It ends at once when its input is closed, as happens whenever the program that started it is gone, however that ended.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import threading
from typing import IO, Any, NoReturn

from calotype.workers.execute.frames import read_frame, write_object

OVER, EVENT = "over", "event"


class Channel:
    """The two pipes of this process; frames of several threads are written one at a time."""

    def __init__(self) -> None:
        self._requests, self._answers = _moved()
        self._turn = threading.Lock()
        self._inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.cancelled = threading.Event()

    def listen(self) -> NoReturn:
        """Reads frames for ever. Runs on a thread of its own, so that a cancel (an empty frame) is heard in a batch.

        It unpickles none: that imports modules, which two threads must not do at once.
        """
        try:
            while True:
                frame = read_frame(self._requests)
                if frame:
                    self._inbox.put(frame)
                else:
                    self.cancelled.set()
        finally:
            os._exit(0)

    def receive(self) -> Any:
        """The next object."""
        return pickle.loads(self._inbox.get())

    def send(self, frame: Any) -> None:
        try:
            with self._turn:
                write_object(self._answers, frame)
        except OSError:
            os._exit(1)

    def tell(self, kind: str, /, **fields: Any) -> None:
        self.send((EVENT, kind, fields))


def main() -> NoReturn:
    """Performs batches until the input is closed. The first frame is `encode`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to every process; the parent decides
    channel = Channel()
    threading.Thread(target=channel.listen, name="calotype-listen", daemon=True).start()

    from calotype.workers import warm
    from calotype.workers.execute.local import LocalPlace

    place = LocalPlace(warm.PROCESS.resolve, channel.receive(), channel.tell)
    while True:
        work = channel.receive()
        for answer in place.perform(work, channel.cancelled.is_set):
            channel.send(answer)
        channel.send(OVER)


def _moved() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes under numbers of their own; 0 is empty from here on, and 1 is 2."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers
