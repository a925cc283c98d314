"""What renderers that cost money have bought, as their journals in the cache folder tell. Must not buy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calotype.store.hosted_journal import Journal, Purchase
from calotype.workers.protocol import Worker
from calotype.workers.work import Executor


class Purchases:
    """`begun` is when the build at work began, in seconds since the epoch; 0 where none is."""

    def __init__(self) -> None:
        self.begun = 0.0
        self._journals: dict[Path, Journal] = {}

    def settings(self, settings: Mapping[str, Any], worker: Worker | Executor, cache: Path) -> Mapping[str, Any]:
        """The settings of a worker; of one that keeps a journal with the place of it, and `since`: `begun`."""
        name: str | None = getattr(worker, "journal", None)
        return settings if name is None else {**settings, "journal": str(cache / name), "since": self.begun}

    def undecided(self, key: str, worker: Worker, cache: Path) -> Purchase | None:
        """What may have been bought for the action `key` of a worker, and nobody knows. Raises Problem where the
        journal cannot be read."""
        name: str | None = getattr(worker, "journal", None)
        return None if name is None else self.journal(cache / name).undecided(key, self.begun or float("inf"))

    def journal(self, place: Path) -> Journal:
        """The journal at `place`, as far as it was read before."""
        if place not in self._journals:
            self._journals[place] = Journal(place)
        return self._journals[place]
