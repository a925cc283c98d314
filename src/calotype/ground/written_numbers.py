"""A hint for texts that are numbers to their author: in quotes, or in a spelling of none in YAML 1.1 (`08`, `1e1`)."""

from __future__ import annotations

import re


def number_hint(text: str) -> str | None:
    """How to write the number that `text` means, or None where it means none."""
    if re.fullmatch(r"[-+]?(?:0|[1-9]\d*)(\.\d+)?", text):
        return "take the quotes off"
    if re.fullmatch(r"[-+]?\d{1,15}(?:\.\d+)?(?:e[-+]?\d{1,2})?", text, re.IGNORECASE) and abs(float(text)) < 1e15:
        return f"write {float(text):.15g}"
    return None
