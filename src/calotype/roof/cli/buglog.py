"""The log of a bug, fit to be pasted into a report. It holds no environment variable and no file's content."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from calotype.ground.boundary import require_own_places
from calotype.ground.diagnostics import Problem
from calotype.ground.folders import BUILD
from calotype.ground.gitignore import keep_out_of_git
from calotype.ground.version import VERSION
from calotype.project.layout import Layout
from calotype.roof.report.style import harmless


def write_log(words: Sequence[str], bug: BaseException, root: Path | None) -> Path | None:
    """Writes the traceback under `build/logs/` of the project, else to the temporary folder.

    Returns where it lies, or None if neither can be written.
    """
    text = "\n".join(
        [
            f"calotype {VERSION}",
            f"Python {platform.python_version()} on {platform.platform()}",
            f"command: {' '.join(['calotype', *words])}",
            "",
            "".join(traceback.format_exception(bug)),
        ]
    )
    name = f"bug-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}.log"
    homes = [Layout(root).logs] if root and _is_its_own(root) else []
    for folder in (*homes, Path(tempfile.gettempdir())):
        try:
            if root is not None and folder.is_relative_to(root):
                keep_out_of_git(root / BUILD)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(_harmless(text), encoding=sys.getdefaultencoding(), errors="backslashreplace")
            return folder / name
        except OSError:
            continue
    return None


def _harmless(text: str) -> str:
    return "\n".join(map(harmless, text.split("\n")))


def _is_its_own(root: Path) -> bool:
    """Whether the project's folder of logs is one of the project."""
    try:
        require_own_places(root)
    except Problem:
        return False
    return True
