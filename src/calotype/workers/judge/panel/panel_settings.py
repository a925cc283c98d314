"""How this machine scores: none of it stands in a request."""

from __future__ import annotations

from collections.abc import Callable

from calotype.ground.light_dataclass import dataclass
from calotype.workers.protocol import silent


@dataclass(frozen=True, slots=True)
class Settings:
    """`device`: auto, cpu, mps, cuda or cuda:N. `deterministic`: one picture a call. `tell(kind, **fields)` emits an
    event."""

    device: str = "auto"
    deterministic: bool = True
    tell: Callable[..., None] = silent
