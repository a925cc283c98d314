"""Leftovers of a stopped build: temporary files beside assets. Must not know what they were to become."""

from __future__ import annotations

import os
from pathlib import Path

from calotype.ground.atomic import TEMP_SUFFIX

PREFIX = ".calotype-"


def tidy(folder: Path) -> None:
    """Removes the temporary files in `folder`. Only for the one build at work: another's would go too."""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        if name.startswith(PREFIX) and name.endswith(TEMP_SUFFIX):
            (folder / name).unlink(missing_ok=True)
