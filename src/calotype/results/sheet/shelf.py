"""The finished pieces of larger pages, kept in build/.sheets/. Must not know what they show.

A page of a thousand specs is a thousand cards; when one spec changes, one card is made again and the others
are taken from here. A shelf is a text file; its lines hold key, specs, pictures, unsettled and HTML, by key.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Piece(NamedTuple):
    """A piece of HTML on one line, and what it counts: specs, pictures, and pictures that need attention."""

    specs: int
    pictures: int
    unsettled: int
    html: str


def read_shelf(path: Path) -> dict[str, Piece]:
    """What is on the shelf; nothing if it is not there or cannot be understood."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        rows = [line.split("\t", 4) for line in lines if line]
        return {
            key: Piece(int(specs), int(pictures), int(odd), html) for key, specs, pictures, odd, html in rows
        }
    except (OSError, ValueError):
        return {}


def shelf_bytes(pieces: dict[str, Piece]) -> bytes:
    lines = [
        f"{key}\t{one.specs}\t{one.pictures}\t{one.unsettled}\t{one.html}\n"
        for key, one in sorted(pieces.items())
    ]
    return "".join(lines).encode()


def one_line(html: str) -> str:
    """`html` without line breaks; every line is trimmed. It holds no `<pre>`, so nothing is lost."""
    return " ".join(line.strip() for line in html.splitlines() if line.strip())
