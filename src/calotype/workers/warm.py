"""Workers as this process performs them, each set up once and kept warm from batch to batch and from build to build.

It holds what has been loaded, and nothing of what is asked of it.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from calotype.workers.plugins import Registry
from calotype.workers.protocol import Group, Tell, Worker, WorkerRef, configure

if TYPE_CHECKING:
    from collections.abc import Callable

    Resolve = Callable[[WorkerRef, Tell], Worker]


class WarmWorkers:
    """One worker for each group and name, set up with the settings it was last asked for under.

    A worker whose settings change is closed and made anew: what it had loaded would not serve, and memory of a device
    has no room for both.
    """

    def __init__(self) -> None:
        self._registries: dict[tuple[Group, str], Registry] = {}
        self._set_up: dict[tuple[Group, str], tuple[WorkerRef, Tell]] = {}
        self._turn = Lock()

    def resolve(self, ref: WorkerRef, tell: Tell) -> Worker:
        """The worker that `ref` names; its events go to `tell`. Raises Problem where it is missing or broken."""
        with self._turn:
            place = (ref.group, ref.name)
            set_up = self._set_up.get(place)
            if set_up is not None and set_up[0] != ref:
                self._close(place)
            worker: Worker = self._registries.setdefault(place, Registry()).find(ref.group, ref.name)
            if set_up != (ref, tell):
                configure(worker, ref.options, tell)
                self._set_up[place] = ref, tell
            return worker

    def get(self, group: Group, name: str) -> Worker | None:
        """The worker, if it is set up."""
        registry = self._registries.get((group, name))
        return registry.find(group, name) if registry is not None else None

    def close(self) -> None:
        """Lets go of every worker."""
        with self._turn:
            for place in list(self._registries):
                self._close(place)

    def _close(self, place: tuple[Group, str]) -> None:
        registry = self._registries.pop(place, None)
        self._set_up.pop(place, None)
        close = getattr(registry.find(*place), "close", None) if registry is not None else None
        if close is not None:
            close()


PROCESS = WarmWorkers()
"""Those of this process: one device, hence one holder of it. Settings are told apart, so projects share no state."""
