"""How this machine renders: device, memory, one by one or in batches.

None of it stands in a request but the number type that people asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass


def _silent(kind: str, /, **fields: Any) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Settings:
    """`device`: auto, cpu, mps, cuda or cuda:N. `memory`: auto, high or low. `deterministic`: one
    image a call. `watermark`: whether any base model asks for it, for `calotype doctor` alone. `tell(kind, **fields)`
    emits an event."""

    device: str = "auto"
    memory: str = "auto"
    deterministic: bool = True
    watermark: bool = False
    tell: Callable[..., None] = _silent

    @classmethod
    def of(cls, models: Mapping[str, Any], tell: Callable[..., None]) -> Settings:
        return cls(
            models.get("device", "auto"), models.get("memory", "auto"),
            models.get("deterministic", True), bool(models.get("watermark")), tell)

    def same_loading(self, other: Settings) -> bool:
        """Whether what was loaded under `other` serves under these."""
        mine = (self.device, self.memory, self.deterministic)
        return mine == (other.device, other.memory, other.deterministic)
