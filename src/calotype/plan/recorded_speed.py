"""How long actions took on this machine, held against what their workers had expected. Must not know what is to be
performed."""

from __future__ import annotations

from calotype.actions.registry import Kinds
from calotype.ground.diagnostics import Problem
from calotype.language.action import Action
from calotype.store.action_cache import ActionCache

SAMPLE = 32
"""The latest actions of a kind that are looked at."""


class RecordedSpeed:
    """Reads what the action cache has recorded, once for each kind and worker that it is asked about."""

    def __init__(self, kinds: Kinds, cache: ActionCache) -> None:
        self._kinds, self._cache = kinds, cache
        self._factors: dict[str, dict[str, float]] = {}

    def factor(self, action: Action) -> float:
        """By what the expected seconds of an action are to be multiplied: the recorded over the expected seconds of the
        latest of its kind by its worker; 1 where none is recorded."""
        if action.kind not in self._factors:
            self._factors[action.kind] = self._measured(action.kind)
        return self._factors[action.kind].get(self._kinds.of(action).worker_name(action), 1.0)

    def _measured(self, name: str) -> dict[str, float]:
        kind = self._kinds.named(name)
        expected: dict[str, float] = {}
        recorded: dict[str, float] = {}
        for key, components, seconds in self._cache.latest(name, SAMPLE):
            action = Action(name, key, components)
            try:
                worker, estimate = kind.worker_name(action), kind.estimate(action)
            except (Problem, KeyError, TypeError, ValueError):
                continue  # of a worker that is gone, or of another version's request
            expected[worker] = expected.get(worker, 0.0) + estimate.seconds
            recorded[worker] = recorded.get(worker, 0.0) + seconds
        return {worker: recorded[worker] / total for worker, total in expected.items() if total and recorded[worker]}
