"""What `doctor` found, as a checklist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO

from calotype.roof.report.flow import Word, flowed
from calotype.roof.report.style import Style, cells, harmless, pad

if TYPE_CHECKING:
    from calotype.ground.finding import Finding

LOOKS = {"ok": "green", "warning": "yellow", "error": "red"}


def checklist(findings: Sequence[Finding], stream: TextIO) -> str:
    """A finding's status, its name, what was found; a hint beneath what is not well. Lines fit a terminal."""
    style = Style(stream)
    name = min(max((cells(finding.name) for finding in findings), default=0), style.width // 3)
    below = " " * (name + 10)
    lines = []
    for finding in findings:
        head = style.paint(f"{finding.status:<8}", LOOKS.get(finding.status, "bold")) + f"{pad(finding.name, name)}  "
        if cells(finding.name) > name:
            lines.append(head.rstrip())
            head = below
        hint = [("hint:", "green"), *_words(finding.hint)] if finding.hint else []
        for words in filter(None, (_words(finding.detail), hint)):
            for line in flowed(words, style, style.width - len(below)):
                lines.append(head + line)
                head = below
    return "\n".join(lines)


def _words(text: str) -> list[Word]:
    return [(word, "") for word in harmless(text).split()]
