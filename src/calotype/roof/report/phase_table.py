"""What is to come of characters as lines: a phase a line, with images, seconds and money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from calotype.project.outcome import CharacterPhase
from calotype.roof.report.style import cells, harmless, pad
from calotype.roof.report.text import count_text, price_text, seconds_text

SET = "set"
"""The phase that renders nothing."""


def phase_lines(phases: Sequence[CharacterPhase], currency: str) -> Iterator[str]:
    """Columns are aligned within one character."""
    for character, of_one in groupby(phases, lambda phase: phase.character):
        yield f"characters/{harmless(character)}:"
        rows = [_row(phase, currency) for phase in of_one]
        widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
        yield from ("  " + "  ".join(map(pad, row, widths)).rstrip() for row in rows)


def _row(phase: CharacterPhase, currency: str) -> tuple[str, str, str, str]:
    if phase.phase == SET:
        return phase.phase, f"{count_text(phase.images, 'image')} at most", "", ""
    images = count_text(phase.images, "image") if phase.images else ""
    return phase.phase, images, seconds_text(phase.seconds), price_text(phase.price, currency)
