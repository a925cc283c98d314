"""Where words stand in the text of a document. Must not know what is said of them."""

from __future__ import annotations

import re

from calotype.language.spec import Pointer
from calotype.language.yaml.document import Document


def place(document: Document, pointer: Pointer, words: str) -> tuple[int, int]:
    """Line and column, from 1, of `words` in the value at `pointer`, folded over lines or not; else of the value."""
    line, column = document.place(pointer)
    written = document.written(pointer)
    if not words or not written:
        return line, column
    text = document.text.decode()
    lines = text.split("\n")
    start = sum(len(row) + 1 for row in lines[: line - 1]) + column - 1
    pattern = r"\s+".join(map(re.escape, words.split()))
    match = re.compile(pattern, re.IGNORECASE).search(text, start)
    if match is None or match.start() > start + len(written) + _indents(written, text, start):
        return line, column
    before = text[: match.start()]
    return before.count("\n") + 1, match.start() - before.rfind("\n")


def _indents(written: str, text: str, start: int) -> int:
    """Room for what a value's text has beside its words: indents, quotes, the sign of a block."""
    return 16 + text.count("\n", start, start + 2 * len(written)) * 40
