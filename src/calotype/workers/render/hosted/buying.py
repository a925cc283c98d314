"""How the hosted renderer buys: where its journal lies, at what prices, and how much may be spent. None of it decides
pixels."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from calotype.ground.light_dataclass import dataclass, field
from calotype.store.hosted_journal import midnight
from calotype.workers.protocol import Request
from calotype.workers.render.hosted.endpoints import price_of

KEY = "FAL_KEY"
"""The environment variable that holds the key of the account: nothing else does."""


@dataclass(frozen=True, slots=True)
class Buying:
    """`since` is when the build at work began, seconds since the epoch. Times are seconds, money is US dollars."""

    journal: Path | None = None
    since: float = 0.0
    prices: Mapping[str, Any] = field(default_factory=dict)
    build: float = 5.0
    day: float = 20.0
    delay: float = 0.3
    timeout: float = 120.0
    wait: float = 900.0
    hosts: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Buying:
        """From the section `hosted` of calotype.yaml, with the place of the journal."""
        if not settings:
            return cls()
        return cls(
            Path(settings["journal"]), settings["since"], settings["prices"],
            settings["ceiling"]["build"], settings["ceiling"]["day"], settings["delay"], settings["timeout"],
            settings["wait"], tuple(settings["hosts"]))

    def price(self, request: Request) -> float | None:
        """US dollars of a request; None where it is not known."""
        size = request.get("size") or request.get("scaled")
        return price_of(request["endpoint"], None if size is None else (size[0], size[1]), self.prices)

    def ceilings(self) -> dict[str, tuple[float, float]]:
        """By name the most that may be spent, and since when it counts."""
        return {"build": (self.build, self.since), "day": (self.day, midnight(time.time()))}
