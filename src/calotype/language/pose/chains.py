"""How many poses rest on one another. Must not know what a pose says of the body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calotype.language.pose.terms import BASES

Library = Mapping[str, Mapping[str, Any]]

MAX_DEPTH = 100
"""Poses that may rest on one another, a phase that is written in its movement counted as one."""
TOO_DEEP, CYCLE = MAX_DEPTH + 1, MAX_DEPTH + 2

_RESTS_ON = ("base", "mirror_of", "from", "to")


class Chains:
    """The heights of the poses of one library, each found once."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._heights: dict[str, int] = {}
        self._path: list[str] = []

    def height(self, name: str) -> int:
        """How many poses lead from the pose `name` down to a base posture, itself counted: TOO_DEEP for more than
        MAX_DEPTH, CYCLE where it comes back to itself. No height that is too great is kept: it is so above alone."""
        if name in BASES or name not in self._library:
            return 0
        if name in self._path:
            return CYCLE
        if len(self._path) > MAX_DEPTH:
            return TOO_DEEP
        if name not in self._heights:
            self._path.append(name)
            height = _above(self._below(self._library[name]))
            self._path.pop()
            if height > MAX_DEPTH:
                return height
            self._heights[name] = height
        return self._heights[name]

    def _below(self, value: Any) -> int:
        """The height of what a written pose rests on. The first that is too great is told, and no other looked at."""
        highest = 0
        if isinstance(value, Mapping):
            for key in _RESTS_ON:
                below = value.get(key)
                height = self.height(below) if isinstance(below, str) else 0
                if isinstance(below, Mapping):
                    height = _above(self._below(below))
                highest = max(highest, height)
                if highest > MAX_DEPTH:
                    break
        return highest


def _above(height: int) -> int:
    """The height of what stands on something of this height; what is too great stays as it is."""
    return height if height > MAX_DEPTH else height + 1
