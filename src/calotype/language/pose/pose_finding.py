"""One fault of a written pose. Must not know what is wrong, nor the file."""

from __future__ import annotations

from calotype.ground.diagnostics import Severity
from calotype.ground.light_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `pointer` leads to it inside the pose."""

    pointer: tuple[str | int, ...]
    severity: Severity
    code: str
    message: str
    hint: str | None = None
