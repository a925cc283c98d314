"""What a process of the `processes` executor runs: batches from its standard input, answers to its standard output.

Both are moved away before anything else is imported, so that what a worker prints goes to the process's error stream.
It ends at once when its input is closed, as happens whenever the program that started it is gone, however that ended.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
import traceback
from functools import partial
from typing import IO, Any, NoReturn

from calotype.workers.execute.frames import read_frame, write_frame

CANCEL, OVER, EVENT = "cancel", "over", "event"


class Channel:
    """The two pipes of this process; frames of several threads are written one at a time."""

    def __init__(self) -> None:
        self._requests, self._answers = _moved()
        self._turn = threading.Lock()
        self.works: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.cancelled = threading.Event()

    def listen(self) -> NoReturn:
        """Reads frames for ever. Runs on a thread of its own, so that a cancel is heard during a batch."""
        try:
            while True:
                frame = read_frame(self._requests)
                if frame == CANCEL:
                    self.cancelled.set()
                else:
                    self.works.put(frame)
        except EOFError:
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)

    def send(self, frame: Any) -> None:
        try:
            with self._turn:
                write_frame(self._answers, frame)
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

    place = LocalPlace(warm.PROCESS.resolve, channel.works.get(), channel.tell)
    for work in iter(partial(channel.works.get), None):
        for answer in place.perform(work, channel.cancelled.is_set):
            channel.send(answer)
        channel.send(OVER)
    os._exit(0)


def _moved() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes under numbers of their own; 0 is empty from here on, and 1 is 2."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers
