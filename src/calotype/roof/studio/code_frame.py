"""The lines of a file around a diagnostic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from calotype.ground.diagnostics import Diagnostic
from calotype.ground.files import read_file
from calotype.ground.paths import inside

AROUND = 2
"""Lines that are shown before and after."""
LARGEST_SOURCE = 1 << 21
"""Bytes; a larger file is not read to show a line of it."""
LONGEST_LINE = 240


def framed(root: Path, diagnostic: Diagnostic) -> list[dict[str, Any]]:
    """The lines around the place of `diagnostic`, as `number` and `text`; none where it has none that can be read."""
    if diagnostic.file is None or diagnostic.line is None:
        return []
    try:
        data, _ = read_file(inside(root, diagnostic.file), LARGEST_SOURCE)
    except (OSError, ValueError):
        return []
    lines = data.decode("utf-8", "replace").splitlines()
    first, last = max(diagnostic.line - AROUND, 1), min(diagnostic.line + AROUND, len(lines))
    return [{"number": number, "text": lines[number - 1][:LONGEST_LINE]} for number in range(first, last + 1)]
