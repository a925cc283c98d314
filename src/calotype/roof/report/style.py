"""Colour on terminals that want it. Must not know what is coloured."""

from __future__ import annotations

import os
import shutil
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
PLAIN_WIDTH = 80


class Style:
    """Paints words for one stream. Obeys NO_COLOR and FORCE_COLOR (https://no-color.org, https://force-color.org)."""

    def __init__(self, stream: TextIO) -> None:
        self.on = _wants_colour(stream)
        self.width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns if stream.isatty() else PLAIN_WIDTH

    def paint(self, text: str, *looks: str) -> str:
        if not self.on or not text or not looks:
            return text
        return f"\x1b[{';'.join(CODES[look] for look in looks)}m{text}\x1b[0m"


def cells(text: str) -> int:
    """Columns `text` takes on a terminal: wide East Asian characters take two, combining marks none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return len(text) + wide - sum(unicodedata.combining(one) > 0 for one in text)


def clip(text: str, width: int) -> str:
    """`text` on one line, cut with an ellipsis to at most `width` columns."""
    line = " ".join(text.split())
    if cells(line) <= width:
        return line
    kept = line[: max(width - 1, 0)]
    while kept and cells(kept) > width - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _wants_colour(stream: TextIO) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
