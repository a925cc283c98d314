"""What is to be performed for planned targets: counts by kind, seconds and money. An upper bound."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from calotype.actions.registry import Kinds
from calotype.language.action import Action
from calotype.plan.planned import Planned
from calotype.plan.recorded_speed import RecordedSpeed
from calotype.project.outcome import Cost, counted


class Forecast:
    """Each action counts once, whoever asks for it; one whose key is not known yet counts for each target. Seconds are
    those that workers expect, at the `speed` that was recorded."""

    def __init__(self, kinds: Kinds, speed: RecordedSpeed) -> None:
        self._kinds, self._speed = kinds, speed
        self._keys: set[bytes] = set()
        self._foreseen: set[str] = set()
        self._counts: Counter[str] = Counter()
        self.seconds: dict[str, float] = defaultdict(float)
        self.prices: dict[str, float] = defaultdict(float)
        """Expected of each kind, as far as its actions are known."""
        self.unpriced: set[str] = set()
        """The kinds of which some action costs what nobody knows."""
        self.tokens = 0
        """Of language models that are asked, at most."""
        self.unwritten = 0
        """Renders that depend on prompts which are not written yet."""

    @property
    def actions(self) -> dict[str, int]:
        return counted(self._counts)

    @property
    def cost(self) -> Cost:
        return Cost(sum(self.seconds.values()), sum(self.prices.values()))

    def keys(self) -> Iterator[str]:
        """The keys of all that is asked for, as far as they are known."""
        return (key.hex() for key in self._keys)

    def take(self, planned: Planned, is_due: Callable[[str], bool] = lambda kind: True) -> bool:
        """Counts what `planned` asks for, as far as its kind `is_due`; says whether some render is among it that no
        target before asked for."""
        fresh = False
        for action in (action for action in (*planned.perform, *planned.ahead) if is_due(action.kind)):
            key = bytes.fromhex(action.key)
            if key not in self._keys:
                self._keys.add(key)
                self._counts[action.kind] += 1
                self._estimate(action)
                fresh = fresh or action.kind == "render"
        for name, count in planned.foreseen.items():
            if not is_due(name):
                continue
            fresh_count = self._not_shared(name, count, planned)
            self._counts[name] += fresh_count
            self.unwritten += fresh_count if planned.unwritten and name == "render" else 0
        for draft in planned.drafts:
            if draft.kind in planned.foreseen and is_due(draft.kind):
                self._estimate(draft)
        return fresh or "render" in planned.foreseen

    def _not_shared(self, name: str, count: int, planned: Planned) -> int:
        """Of `count` actions of a kind without keys, those about candidates that no target before asked for."""
        keys = {f"{name} {key}" for key in planned.keys}
        if not keys:
            return count
        fresh = keys - self._foreseen
        self._foreseen |= fresh
        return count * len(fresh) // len(keys)

    def _estimate(self, action: Action) -> None:
        estimate = self._kinds.of(action).estimate(action)
        self.seconds[action.kind] += estimate.seconds * self._speed.factor(action)
        self.prices[action.kind] += estimate.price
        self.tokens += estimate.tokens
        if not estimate.priced:
            self.unpriced.add(action.kind)
