"""What the contact sheets of a project show, less what they tell of the past: of that a clean build knows nothing."""

from __future__ import annotations

import re
from pathlib import Path

PAST = re.compile(r"<!-- change -->.*?<!-- /change -->\n", re.DOTALL)
"""What a picture looked like before, on the page of its spec."""
_HISTORY = "changed.html"


def shown(root: Path) -> dict[str, str]:
    """By path under build/: pages, styles, scripts and what the search reads."""
    folder = root / "build"
    found = [path for path in folder.rglob("*") if path.suffix in (".html", ".css", ".js") and path.name != _HISTORY]
    return {path.relative_to(folder).as_posix(): PAST.sub("", path.read_text(encoding="utf-8")) for path in found}
