"""Scores of candidates as actions: recorded ones are read, missing ones made where the pixels are at hand.

Must not know what a score is made of, nor what is chosen by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from calotype.language.action import Action, make
from calotype.store.action_cache import Row
from calotype.store.results import Made, Own, Results

if TYPE_CHECKING:
    from calotype.workers.plugins import Registry
    from calotype.workers.protocol import Scorer


class Scores:
    """Totals (0-100) of candidates. What is scored here stays in `fresh` until somebody records it."""

    def __init__(self, results: Results, registry: Registry) -> None:
        self._results, self._registry = results, registry
        self._scorer: Scorer | None = None
        self.fresh: dict[str, tuple[Action, Mapping[str, Any]]] = {}

    @property
    def scorer(self) -> Scorer:
        if self._scorer is None:
            self._scorer = self._registry.scorer("technical")
        return self._scorer

    def action(self, pixels: str) -> Action:
        return make("score", {"scorer": self.scorer.name, "epoch": self.scorer.epoch, "pixels": pixels})

    def of(self, one: Made, own: Own) -> float | None:
        """The score of a candidate, or None where its bytes are gone and nobody recorded it."""
        action = self.action(one.pixels)
        recorded = self._results.get_many([action.key], own).get(action.key)
        if recorded is not None:
            return float(recorded.output)
        if action.key not in self.fresh:
            data = self._results.read(one)
            if data is None:
                return None
            self.fresh[action.key] = action, self._judge(data)
        return float(self.fresh[action.key][1]["score"])

    def record(self) -> None:
        """Keeps what was scored since the last time."""
        fresh = self.fresh.values()
        rows: list[Row] = [(action.key, "score", action.components, outputs, {}) for action, outputs in fresh]
        if rows:
            self._results.record(rows)
            self.fresh.clear()

    def _judge(self, data: bytes) -> Mapping[str, Any]:
        from calotype.ground.images import open_image
        from calotype.workers.judge.technical import score

        scored = score(open_image(data))
        return {"score": scored.total, "parts": dict(scored.parts)}
