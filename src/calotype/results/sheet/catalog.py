"""Which specs stand on which page of their group, kept in build/.sheets/index.json. Must not know what a page shows.

A group is cut into pages of some hundred specs. Where it is cut follows from the ids alone (content-defined chunking,
as rsync and restic cut files): a new spec moves the cuts near it and no others, and pages written step by step are
those of a clean build.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from calotype.results.sheet.fragments import Piece, Tally, tally_of, total

SCHEMA = 3
FEWEST, MOST, ONE_IN = 60, 240, 64
"""A page has at least so many specs and at most so many; between them every 64th id, on average, begins another."""
FACES = ((12, 8), (60, 1))
"""Up to how many groups the index shows how many cards of each; beyond, it names them and shows none."""


class Chunk(NamedTuple):
    """One page of a group: its ids in order, what they come to, and a digest of what the search reads of them."""

    ids: tuple[str, ...]
    tally: Tally
    rows: str


class Group(NamedTuple):
    """`face` are digests of its first cards, which the index may show."""

    chunks: tuple[Chunk, ...] = ()
    face: tuple[str, ...] = ()

    @property
    def ids(self) -> list[str]:
        return [name for chunk in self.chunks for name in chunk.ids]

    @property
    def tally(self) -> Tally:
        return total(chunk.tally for chunk in self.chunks)

    def shown(self, cards: int) -> tuple[Tally, tuple[str, ...]]:
        """What an index of so many cards shows of it: while it is the same, that page need not be made again."""
        return self.tally, self.face[:cards]


Catalog = dict[str, Group]
"""The groups by their names."""


def cards_shown(groups: int) -> int:
    """How many cards of each group an index of so many groups shows; the rest are on the group's own pages."""
    return next((cards for many, cards in FACES if groups <= many), 0)


def face_of(cards: Iterable[str]) -> tuple[str, ...]:
    return tuple(hashlib.sha256(card.encode()).hexdigest()[:16] for card in cards)


def cut(ids: Sequence[str]) -> list[tuple[str, ...]]:
    """`ids`, which are in order, page by page."""
    pages: list[tuple[str, ...]] = []
    start = 0
    for at, name in enumerate(ids):
        length = at - start
        if length >= MOST or (length >= FEWEST and zlib.crc32(name.encode()) % ONE_IN == 0):
            pages.append(tuple(ids[start:at]))
            start = at
    if start < len(ids):
        pages.append(tuple(ids[start:]))
    return pages


def page_of(group: str, first: str | None = None) -> str:
    """The stem of a page's name: `exercises-neck`; of a later page, which begins with the spec `first`,
    `exercises-neck.chin_tuck`. No id holds a dot."""
    stem = group.replace("/", "-")
    return stem if first is None else f"{stem}.{first}"


def stems(group: str, pages: Iterable[Sequence[str]]) -> list[str]:
    """The stems of all its pages."""
    return [page_of(group, page[0] if at else None) for at, page in enumerate(pages)]


def chunk_of(ids: tuple[str, ...], pieces: Mapping[str, Piece]) -> Chunk:
    rows = 0
    for piece in pieces.values():
        rows = zlib.crc32(piece.row.encode(), rows)
    return Chunk(ids, tally_of(pieces.values()), f"{rows:08x}")


def read_catalog(path: Path) -> Catalog | None:
    """What is known of the pages; None if it is not there or cannot be understood."""
    try:
        value = json.loads(path.read_bytes())
        if value["schema"] != SCHEMA:
            return None
        return {
            name: Group(
                tuple(Chunk(tuple(ids.split(" ")), Tally(*tally), rows) for ids, tally, rows in chunks), tuple(face))
            for name, (chunks, face) in value["groups"].items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def catalog_bytes(catalog: Catalog) -> bytes:
    groups = {
        name: [[[" ".join(chunk.ids), chunk.tally, chunk.rows] for chunk in group.chunks], group.face]
        for name, group in sorted(catalog.items())
    }
    return json.dumps({"schema": SCHEMA, "groups": groups}, ensure_ascii=False, separators=(",", ":")).encode()
