"""Scores of candidates as actions: recorded ones are read, missing ones made where the pixels are at hand.

Must not know what a score is made of, nor what is chosen by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from calotype.engine.rebuild import Made
from calotype.language.action import Action, make
from calotype.store.action_cache import ActionCache
from calotype.store.cas import Cas

if TYPE_CHECKING:
    from calotype.workers.judge.protocol import Scorer


class Scores:
    """Scores by pixel digest. What is made here stays in `fresh` until somebody records it."""

    def __init__(self, cas: Cas, cache: ActionCache) -> None:
        self._cas, self._cache = cas, cache
        self._scorer: Scorer | None = None
        self.fresh: dict[str, tuple[Action, Mapping[str, Any]]] = {}

    def action(self, pixels: str) -> Action:
        scorer = self._use()
        return make("score", {"scorer": scorer.name, "epoch": scorer.epoch, "pixels": pixels})

    def of(self, one: Made) -> Mapping[str, Any] | None:
        """{"score": 0-100, "parts": {name: 0-100}} of a candidate, or None where its bytes are gone and no record speaks of it."""
        if one.pixels in self.fresh:
            return self.fresh[one.pixels][1]
        action = self.action(one.pixels)
        recorded = self._cache.get(action.key)
        if recorded is not None:
            return recorded.outputs
        data = self._cas.get(one.blob) if one.blob is not None else None
        if data is None:
            return None
        outputs = self._judge(data)
        self.fresh[one.pixels] = (action, outputs)
        return outputs

    def _judge(self, data: bytes) -> Mapping[str, Any]:
        from calotype.ground.images import open_image

        score = self._use().score(open_image(data), {})
        return {"score": round(score.total, 3), "parts": {name: round(part, 3) for name, part in score.parts.items()}}

    def _use(self) -> Scorer:
        if self._scorer is None:
            from calotype.workers.judge.technical import Technical

            self._scorer = Technical()
        return self._scorer
