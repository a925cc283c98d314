"""The models of a project, as a table."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from calotype.ground.sizes import size_text
from calotype.roof.report.style import Style, harmless
from calotype.roof.report.text import count_text

if TYPE_CHECKING:
    from calotype.queries.weights_in_use import ModelRow

LOOKS = {"project": "green", "folder": "green", "hub": "green", "missing": "red"}
COMMERCIAL = {"yes": "green", "no": "red", "unknown": "yellow"}


def table(rows: Sequence[ModelRow]) -> str:
    """One line a model: where it is, its size, how many images read it, its name, its licence; and what to do about the
    rest."""
    if not rows:
        return "no image reads a model"
    style = Style(sys.stdout)
    lines = []
    for row in rows:
        place = style.paint(f"{row.place:<8}", LOOKS[row.place])
        pin = "  not pinned" if row.pinned is False else ""
        read = f"{place}{size(row.size):>10}  {count_text(row.images, 'image'):>9}  {row.label()}{pin}"
        lines.append(f"{read}  {licence_text(row.licence, row.commercial, style)}")
    absent = [row for row in rows if row.place == "missing"]
    if absent:
        lines.append(f"{len(absent)} missing: `calotype models pull` fetches those that are on the Hub")
        if any(row.judge for row in absent):
            lines.append("  what judges alone read is fetched by its name: `calotype models pull NAME`")
        lines += [f"  {row.label()}: {row.hint}" for row in absent if row.hint and "models pull" not in row.hint]
    loose = [row for row in rows if row.pinned is False and row.commit]
    if loose:
        lines.append("pin a revision, so that it can never mean other weights:")
        lines += [f"  {row.name}: revision: {row.commit}" for row in loose]
    return "\n".join(lines)


def licence_text(licence: str, commercial: str, style: Style) -> str:
    """`MIT, commercial yes`."""
    word = style.paint(f"commercial {commercial}", COMMERCIAL[commercial])
    return f"{harmless(licence)}, {word}" if licence else word


def size(count: int | None) -> str:
    """`6.9 GB`, `45.8 MB`, `?`."""
    return "?" if count is None else size_text(count)
