"""Paths that stay inside the project. Must not know what lies at them."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from calotype.ground.folders import MARKER


def find_root(start: Path) -> Path | None:
    """The nearest folder at or above `start` that holds `calotype.yaml`, be it a file or what must be refused; or
    None."""
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if os.path.lexists(folder / MARKER)), None)


def inside(root: Path, relative: str) -> Path:
    """The path of `relative` (POSIX, NFC) under `root`, links followed.

    Raises ValueError for an absolute path, for `..` that climbs out, and for a link that leads out.
    """
    pure = PurePosixPath(relative)
    if pure.is_absolute() or "\\" in relative or ":" in relative or "\0" in relative or not relative:
        raise ValueError(f"`{relative}` is not a path inside the project")
    real, base = os.path.realpath(root / pure), os.path.realpath(root)
    if os.path.commonpath([real, base]) != base:
        raise ValueError(f"`{relative}` leads out of the project")
    return root / pure


def relative(root: Path, path: Path) -> str:
    """`path` as the project names it: relative to `root`, with `/`."""
    return path.relative_to(root).as_posix()
