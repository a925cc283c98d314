"""Who is drawn: the figure of a pose, as far as the words for a character tell it."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]+")
_FEMALE = frozenset(("woman", "women", "girl", "girls", "female", "mother", "grandmother", "lady", "she", "her"))
_MALE = frozenset(("man", "men", "boy", "boys", "male", "father", "grandfather", "gentleman", "he", "his"))
_CHILD = frozenset(("girl", "boy", "child", "kid"))
_LONG = re.compile(r"\b(?:long|bun|braids?|plaits?|ponytail|to the shoulders|down (?:her|his) back)\b", re.IGNORECASE)
_NONE = re.compile(r"\b(?:bald|shaven head|shaved head|no hair)\b", re.IGNORECASE)
CHILD_HEIGHT = 140
"""Centimetres: the least that a pose knows."""


def figure_of(character: str) -> dict[str, str | int]:
    """What `character` ("woman of 32, chestnut brown hair in a bun") says of a figure, as `figure` of a pose; empty
    where it says nothing."""
    return dict(_measures(character, [word.casefold() for word in _WORD.findall(character)]))


def _measures(character: str, words: list[str]) -> Iterator[tuple[str, str | int]]:
    if _CHILD.intersection(words):
        yield "height", CHILD_HEIGHT
    first = next((word for word in words if word in _FEMALE or word in _MALE), "")
    if first:
        yield "sex", "female" if first in _FEMALE else "male"
    if _NONE.search(character):
        yield "hair", "none"
    elif _LONG.search(character):
        yield "hair", "long"
