"""Contact sheets: HTML under build/. Must not know of renderers, caches or schedules."""

from calotype.results.sheet.entry import Picture, SpecSheet
from calotype.results.sheet.write import break_seal, sheets_are_current, write_all_sheets, write_sheets

__all__ = ["Picture", "SpecSheet", "break_seal", "sheets_are_current", "write_all_sheets", "write_sheets"]
