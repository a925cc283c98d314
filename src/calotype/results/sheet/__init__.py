"""Contact sheets: HTML under build/. Must not know of renderers, caches or schedules."""

from calotype.results.sheet.currency import pages_are_current
from calotype.results.sheet.model import Picture, Preview, Replaced, ShownCandidate, ShownChange, SpecSheet
from calotype.results.sheet.write import Written, write_all_sheets, write_sheets

__all__ = [
    "Picture",
    "Preview",
    "Replaced",
    "ShownCandidate",
    "ShownChange",
    "SpecSheet",
    "Written",
    "pages_are_current",
    "write_all_sheets",
    "write_sheets",
]
