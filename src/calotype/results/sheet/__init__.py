"""Contact sheets: HTML under build/. Must not know of renderers, caches or schedules."""

from calotype.results.sheet.currency import break_seal, forget_broken_seals, sheets_are_current
from calotype.results.sheet.model import Candidate, Change, Picture, Replaced, SpecSheet
from calotype.results.sheet.write import write_all_sheets, write_sheets

__all__ = [
    "Candidate",
    "Change",
    "Picture",
    "Replaced",
    "SpecSheet",
    "break_seal",
    "forget_broken_seals",
    "sheets_are_current",
    "write_all_sheets",
    "write_sheets",
]
