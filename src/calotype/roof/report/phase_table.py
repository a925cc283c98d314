"""What is to come of characters as lines: a phase a line, with images, seconds and money."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from calotype.project.outcome import CharacterPhase, Writing
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


def writing_lines(writing: Writing | None) -> Iterator[str]:
    """What prompts cost that an endpoint is to write."""
    if writing is not None:
        price = ("no price known: `enhance: {prices: ...}` in calotype.yaml" if writing.price is None else
                 f"{writing.price:.4f} USD at most")
        prompts = f"{count_text(writing.prompts, 'prompt')} by {harmless(writing.model)}"
        yield f"enhance: {prompts}, {writing.tokens:,} tokens at most, {price}"


def _row(phase: CharacterPhase, currency: str) -> tuple[str, str, str, str]:
    if phase.phase == SET:
        return phase.phase, f"{count_text(phase.images, 'image')} at most", "", ""
    images = count_text(phase.images, "image") if phase.images else ""
    return phase.phase, images, seconds_text(phase.seconds), price_text(phase.price, currency)
