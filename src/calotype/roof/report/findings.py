"""What `doctor` found, as a checklist. Must not look at anything itself."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from calotype.roof.report.style import Style

if TYPE_CHECKING:
    from calotype.build.answers import Finding

LOOKS = {"ok": "green", "warning": "yellow", "error": "red"}


def checklist(findings: Sequence[Finding]) -> str:
    """One line a finding: its status, its name, what was found; a hint beneath what is not well."""
    style = Style(sys.stdout)
    width = max((len(one.name) for one in findings), default=0)
    lines = []
    for one in findings:
        status = style.paint(f"{one.status:<8}", LOOKS.get(one.status, "bold"))
        lines.append(f"{status}{one.name:<{width}}  {one.detail}".rstrip())
        if one.hint:
            lines.append(f"{'':8}{'':<{width}}  {style.paint('hint:', 'green')} {one.hint}")
    return "\n".join(lines)
