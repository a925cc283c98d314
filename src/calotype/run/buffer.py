"""Results on their way into the caches, blobs before the results that name them. It knows nodes by number alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from calotype.actions.kinds import Output
from calotype.ground import atomic
from calotype.ground.diagnostics import Problem
from calotype.project.workspace import Workspace
from calotype.store.action_cache import Row

BATCH, HELD_SECONDS = 32, 1.0
"""What a kill may cost: so many finished results, or those that took so long together, are not durable yet."""
COST = 9.0
"""An idle place is worth a flush when this many times the last flush's time has passed: flushes so take a tenth of the
time at most, and renders start soon after the first map is drawn."""
FIRST = 0.03
"""Seconds that a flush is taken to last before there was one, counted from the first result: the few renders of an
edited spec so become durable together."""


class ResultBuffer:
    """Results that are held until it is time to make them durable together. Nodes are the caller's names for them."""

    def __init__(self, workspace: Workspace, clock: Callable[[], float] = time.perf_counter) -> None:
        self._workspace, self._clock = workspace, clock
        self._held: list[tuple[int, Output, Mapping[str, Any]]] = []
        self._seconds = 0.0
        self._flushed: float | None = None
        self._took = FIRST
        self.refusal: OSError | Problem | None = None

    def hold(self, node: int, output: Output, facts: Mapping[str, Any], seconds: float) -> None:
        if self._flushed is None:
            self._flushed = self._clock()
        self._held.append((node, output, {**facts, "seconds": round(seconds, 6)}))
        self._seconds += seconds

    def is_due(self, *, idle: bool) -> bool:
        """Whether it is time; `idle` says that some place of work waits for something to do."""
        if not self._held or self._flushed is None:
            return False
        patience = idle and self._clock() - self._flushed >= COST * self._took
        return len(self._held) >= BATCH or self._seconds > HELD_SECONDS or patience

    def __len__(self) -> int:
        return len(self._held)

    def flush(self) -> list[tuple[int, str, bool]]:
        """Makes what is held durable, as far as the disk lets it, in order. For each node: the kind of its action, and
        whether its result may be used. What is not durable stays held. Raises OSError where nothing became durable;
        `refusal` tells where rows could only be kept for the next build to record.

        One whose weights or pictures were edited while it was made keeps its bytes, under no key.
        """
        began = self._clock()
        flushed, rows = self._put()
        atomic.point("blobs-written")
        try:
            self._workspace.cas.sync()
            atomic.point("blobs-durable")
            self._workspace.results.record(rows)
            atomic.point("results-durable")
        except (OSError, Problem) as refusal:
            self._keep(rows, refusal)
        del self._held[:len(flushed)]
        self._seconds = 0.0
        self._flushed = self._clock()
        self._took = self._flushed - began
        return flushed

    def _keep(self, rows: list[Row], refusal: OSError | Problem) -> None:
        """Raises `refusal` where they cannot be kept either."""
        try:
            self._workspace.unrecorded.put(rows)
        except OSError:
            raise refusal from None
        self.refusal = refusal

    def _put(self) -> tuple[list[tuple[int, str, bool]], list[Row]]:
        """Puts the blobs of what is held until the disk refuses one: what became of each, and the rows about them."""
        flushed: list[tuple[int, str, bool]] = []
        rows: list[Row] = []
        for node, output, facts in self._held:
            outputs = dict(output.outputs)
            try:
                if output.data is not None:
                    outputs["blob"] = self._workspace.cas.put(output.data)
            except OSError:
                if not flushed:
                    raise
                break
            sound = self._workspace.inputs.unchanged(json.loads(output.components))
            flushed.append((node, output.kind, sound))
            if sound:
                rows.append((output.key, output.kind, output.components, outputs, facts))
        return flushed, rows
