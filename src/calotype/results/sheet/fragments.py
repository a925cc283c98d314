"""The finished pieces of larger pages, kept in build/.sheets/. Must not know what they show.

A page of a hundred specs is a hundred cards; when one spec changes, one card is made again and the others are taken
from here. A shelf is a text file, which is read faster than JSON; its lines hold id, pictures, states, tags, row and
card, with tabs between them: only the card, which comes last, may hold tabs itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

_BETWEEN = "\x1f"


class Piece(NamedTuple):
    """What one spec gives to the pages above its own. `states` counts its pictures that need attention by their state;
    `tags` hold no control characters; `card` is HTML on one line, `row` the JSON that the search reads."""

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
        rows = [line.split("\t", 5) for line in path.read_text(encoding="utf-8").split("\n") if line]
        return {name: Piece(int(pictures), _states(states), tags.split(_BETWEEN) if tags else [], card, row)
                for name, pictures, states, tags, row, card in rows}
    except (OSError, ValueError):
        return {}


def shelf_bytes(pieces: Mapping[str, Piece]) -> bytes:
    return "".join([
        f"{name}\t{one.pictures}\t{','.join(f'{state}={many}' for state, many in one.states.items())}\t"
        f"{_BETWEEN.join(one.tags)}\t{one.row}\t{one.card}\n" for name, one in pieces.items()]).encode()


def read_faces(path: Path) -> dict[str, list[str]]:
    """The cards of each group that the index showed last; nothing if they are not there or cannot be understood."""
    faces: dict[str, list[str]] = {}
    cards: list[str] = []
    try:
        for line in path.read_text(encoding="utf-8").split("\n"):
            if line.startswith("\t"):
                cards.append(line[1:])
            else:
                cards = faces.setdefault(line, [])
    except (OSError, ValueError):
        return {}
    return faces


def faces_bytes(faces: Mapping[str, Iterable[str]]) -> bytes:
    return "\n".join("\n\t".join([name, *cards]) for name, cards in faces.items()).encode()


def _states(text: str) -> dict[str, int]:
    pairs = [pair.partition("=") for pair in text.split(",")] if text else []
    return {state: int(many) for state, _, many in pairs}


def one_line(html: str) -> str:
    """`html` without line breaks; every line is trimmed. It holds no `<pre>`, so nothing is lost."""
    return " ".join(line.strip() for line in html.splitlines() if line.strip())
