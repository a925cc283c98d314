"""One at a time of all who change the requests for storyboards: threads of a server, and servers of one project."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from calotype.ground.folders import GENERATIONS
from calotype.ground.lock import lock


class Turn:
    """That of the project at `root`; held for moments."""

    def __init__(self, root: Path) -> None:
        self._place, self._threads = root / f"{GENERATIONS}.lock", Lock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Holds it for a block. Raises OSError where the lock file cannot be made."""
        with self._threads, lock(self._place, signed=False):
            yield
