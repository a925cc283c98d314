"""Colour and width of terminals that want them."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from typing import TextIO

CODES = {
    "plain": "0",
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
_LOOK = "|".join(sorted(CODES.values(), reverse=True))
_PAINT = re.compile(rf"(\x1b\[(?:{_LOOK})(?:;(?:{_LOOK}))*m)")
PLAIN_WIDTH = 80
"""Columns of a terminal that does not tell."""
UNCUT = 1 << 20
"""Columns of a pipe or a file: whoever reads it there wants all of it."""


class Style:
    """Paints words for one stream. Obeys NO_COLOR and FORCE_COLOR (https://no-color.org, https://force-color.org)."""

    def __init__(self, stream: TextIO) -> None:
        self.on = _wants_colour(stream)
        self.width = _columns(stream) if stream.isatty() else UNCUT

    def paint(self, text: str, *looks: str) -> str:
        if not self.on or not text or not looks:
            return text
        return f"\x1b[{';'.join(CODES[look] for look in looks)}m{text}\x1b[0m"


def harmless(text: str) -> str:
    """`text` with blanks for control characters: a title must not move the cursor or turn the line around."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else " " for letter in text)


def harmless_lines(text: str, stream: TextIO) -> str:
    """Lines for `stream` with nothing in them but what is printed, and our own colours where it wants them. No line is
    a command to GitHub, which obeys `::error::` in all that a job prints, and `##[error]` too."""
    if text.startswith("{"):
        return _harmless_json(text)
    coloured = _wants_colour(stream)
    return "\n".join(_harmless_line(line, coloured) for line in text.split("\n"))


def _harmless_json(text: str) -> str:
    """The same value, written with escapes."""
    text = text.replace("##[", "#\\u0023[")
    return "".join(letter if letter.isprintable() or letter == "\n" else json.dumps(letter)[1:-1] for letter in text)


def _harmless_line(line: str, coloured: bool) -> str:
    if not line.isprintable():
        parts = _PAINT.split(line)
        line = "".join(part if index % 2 and coloured else "" if index % 2 else harmless(part)
                       for index, part in enumerate(parts))
    if _PAINT.sub("", line).lstrip().startswith("::"):
        line = line.replace("::", ": :", 1)
    return line.replace("##[", "# #[")


def cells(text: str) -> int:
    """Columns `text` takes on a terminal: wide East Asian characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


def pad(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def clip(text: str, width: int) -> str:
    """`text` on one line, cut with an ellipsis to at most `width` columns."""
    line = " ".join(harmless(text).split())
    return line if cells(line) <= width else _head(line, width - 1).rstrip() + "…"


def elide(text: str, width: int) -> str:
    """`text` with its middle left out, for paths: what they begin and what they end with tells them apart."""
    if cells(text) <= width:
        return text
    tail = _head(text[::-1], max(width - 1, 0) * 2 // 3)[::-1]
    return f"{_head(text, width - 1 - cells(tail))}…{tail}"


def _head(text: str, width: int) -> str:
    """As much of the beginning of `text` as fits."""
    head = text[: max(width, 0)]
    while head and cells(head) > width:
        head = head[:-1]
    return head


def _columns(stream: TextIO) -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or PLAIN_WIDTH
    except (OSError, ValueError):
        return PLAIN_WIDTH


def _wants_colour(stream: TextIO) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
