"""What events tell of a project's files, gathered until it is acted upon. A hint says where to look, and proves
nothing."""

from __future__ import annotations

import time
from collections.abc import Collection
from queue import Empty, SimpleQueue

from calotype.ground.folders import CONTENT


class Hints:
    """Hints from any thread, for one thread at a time that waits for them."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[tuple[str, bool | None] | None] = SimpleQueue()
        self._folders: set[str] = set()
        self._everywhere = False
        self._aside: set[str] = set()
        self.by_people = False
        """Whether a hint since the last `take` speaks of what only people write, not of what builds publish. Set back
        by whoever has acted upon it and leaves the folders to the next `take`."""

    def file(self, path: str) -> None:
        """A file came, went or changed: `path` is relative to the project, with `/`."""
        self._queue.put((path, not path.startswith(f"{CONTENT}/")))

    def everywhere(self, by_people: bool = True) -> None:
        """Anything may have changed anywhere: a folder came or went, events were lost. `by_people`: maybe by them."""
        self._queue.put(("", by_people))

    def aside(self, path: str) -> None:
        """What may be a change of the file at `path`, and hardly ever is: it ends no wait, and is told with the next
        hints."""
        self._queue.put((path, None))

    def wake(self) -> None:
        """Ends a wait. Safe in a signal handler: it takes no lock that the waiting thread may hold."""
        self._queue.put(None)

    @property
    def pending(self) -> bool:
        """Whether hints have been gathered that nobody has taken."""
        return self._everywhere or bool(self._folders)

    def wait(self, seconds: float) -> bool:
        """Waits for the first hint, at most so long; whether one came. A `wake` ends it with none."""
        end = time.monotonic() + max(seconds, 0.0)
        while True:
            try:
                hint = self._queue.get(timeout=max(end - time.monotonic(), 0.0))
            except Empty:
                return False
            if hint is None or hint[1] is not None:
                return self._gather(hint)
            self._gather(hint)

    def settle(self, quiet: float, most: float) -> None:
        """Gathers hints until none has come for `quiet` seconds; for `most` seconds at most."""
        end = time.monotonic() + most
        while (left := end - time.monotonic()) > 0 and self.wait(min(quiet, left)):
            pass

    def take(self) -> Collection[str] | None:
        """The folders in which something may have changed, relative to the project; None for all. Forgets them."""
        folders = self._all()
        self._folders.clear()
        self._aside.clear()
        self._everywhere = self.by_people = False
        return folders

    def peek(self) -> Collection[str] | None:
        """What `take` would give, with all that has come by now. Forgets nothing."""
        try:
            while True:
                self._gather(self._queue.get_nowait())
        except Empty:
            return self._all()

    def _all(self) -> Collection[str] | None:
        return None if self._everywhere or "*" in self._aside else frozenset(self._folders | self._aside)

    def _gather(self, hint: tuple[str, bool | None] | None) -> bool:
        if hint is None:
            return False
        path, by_people = hint
        folder = path.rpartition("/")[0]
        if by_people is None:
            self._aside.add(folder if path else "*")
            return False
        self._everywhere |= not path
        self.by_people |= by_people
        self._folders.add(folder)
        return True
