"""Fields that differ, as a page tells them: once where both sides of the body changed alike, without what only follows
from them. Must not know HTML."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

_SIDES = ("left", "right")
_FOLLOWS = ("posture.solver", "posture.written")
"""How a posture is written down: it changes with the angles that a person changed, and says nothing beside them."""


class Change(Protocol):
    """One field that differs; `place` is the file, with the line, that decided it."""

    @property
    def field(self) -> str: ...
    @property
    def old(self) -> Any: ...
    @property
    def new(self) -> Any: ...
    @property
    def place(self) -> str: ...


class ToldChange(NamedTuple):
    """A change as a page tells it."""

    field: str
    old: Any
    new: Any
    place: str


def as_told(changes: Iterable[Change]) -> list[ToldChange]:
    """`changes` without those that only follow from others; a pair of sides that changed alike stands once, at the
    place of the first."""
    listed = list(changes)
    if any(change.field.startswith("posture.") and change.field not in _FOLLOWS for change in listed):
        listed = [change for change in listed if change.field not in _FOLLOWS]
    by_meaning = {_meaning(change): change for change in reversed(listed)}
    rows: list[ToldChange] = []
    for change in listed:
        side, bare = _side(change.field)
        twins = [by_meaning.get(_meaning(change, each)) for each in _SIDES] if side else []
        is_pair = bool(twins) and all(twins)
        if is_pair and change is not twins[0]:
            continue
        field = f"{bare}, left and right" if is_pair else change.field
        rows.append(ToldChange(field, _readable(field, change.old), _readable(field, change.new), change.place))
    return rows


def is_resized(changes: Iterable[Change]) -> bool:
    """Whether the pictures differ in size: one does not lie over the other."""
    return any(change.field == "size" for change in changes)


def _side(field: str) -> tuple[str, str]:
    """The side of the body in a field's name, "" for none, and the name without it."""
    parts = field.split(".")
    side = next((part for part in parts if part in _SIDES), "")
    return side, ".".join(part for part in parts if part != side)


def _meaning(change: Change, side: str = "") -> tuple[str, ...]:
    own, field = _side(change.field)
    return side or own, field, repr(change.old), repr(change.new)


def _readable(field: str, value: Any) -> Any:
    """A value as a person writes it: 30, not 30.0; a size as 640 × 480."""
    if field == "size" and isinstance(value, list | tuple):
        return " × ".join(map(str, value))
    return int(value) if isinstance(value, float) and value.is_integer() else value
