"""Fields of a request that the program decides, and no line of a project: why they differ, in words."""

from __future__ import annotations

from typing import Any

from calotype.language.origin import is_written

_SOLVED = "solver"


def of_program(field: str, old: Any, new: Any, renderer: str) -> str:
    """Why `field` of a request differs, where another version of the program is the reason; else the empty text. A
    value of None is one that is not there."""
    if field == "epoch":
        return f"{renderer} draws in another way"
    if field.rpartition(".")[2] == _SOLVED and None not in (old, new):
        return "contacts are solved in another way"
    if is_written(field.partition(".")[0].partition("[")[0]) or None not in (old, new):
        return ""
    return f"{renderer} reads it no longer" if new is None else f"{renderer} reads it now"
