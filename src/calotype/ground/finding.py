"""A line of `calotype doctor`."""

from __future__ import annotations

from calotype.ground.light_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and how it stands: `status` is ok, warning or error; an error would stop a build."""

    name: str
    status: str
    detail: str
    hint: str | None = None
