"""The finished pieces of larger pages, kept in build/.sheets/. Must not know what they show.

A page of a hundred specs is a hundred cards; when one spec changes, one card is made again and the others are taken
from here. A shelf holds one JSON array per line: [id, pictures, states, tags, card, row].
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Piece(NamedTuple):
    """What one spec gives to the pages above its own. `states` counts its pictures that need attention by their state;
    `card` is HTML on one line, `row` the JSON that the search reads."""

    pictures: int
    states: dict[str, int]
    tags: list[str]
    card: str
    row: str


class Tally(NamedTuple):
    """What some specs come to: how many they and their pictures are, and how many pictures stand in each state that
    needs attention, how many specs bear each tag."""

    specs: int
    pictures: int
    states: dict[str, int]
    tags: dict[str, int]

    @property
    def unsettled(self) -> int:
        return sum(self.states.values())


def tally_of(pieces: Iterable[Piece]) -> Tally:
    found = list(pieces)
    return total([Tally(1, one.pictures, one.states, dict.fromkeys(one.tags, 1)) for one in found])


def total(tallies: Iterable[Tally]) -> Tally:
    specs = pictures = 0
    states: Counter[str] = Counter()
    tags: Counter[str] = Counter()
    for one in tallies:
        specs, pictures = specs + one.specs, pictures + one.pictures
        states.update(one.states)
        tags.update(one.tags)
    return Tally(specs, pictures, dict(sorted(states.items())), dict(sorted(tags.items())))


def read_shelf(path: Path) -> dict[str, Piece]:
    """What is on the shelf; nothing if it is not there or cannot be understood."""
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
        return {str(name): Piece(*rest) for name, *rest in rows}
    except (OSError, ValueError, TypeError):
        return {}


def shelf_bytes(pieces: Mapping[str, Piece]) -> bytes:
    return "".join(f"{_encode([name, *piece])}\n" for name, piece in pieces.items()).encode()


def one_line(html: str) -> str:
    """`html` without line breaks; every line is trimmed. It holds no `<pre>`, so nothing is lost."""
    return " ".join(line.strip() for line in html.splitlines() if line.strip())
