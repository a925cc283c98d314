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
    """The path of `relative` (POSIX, NFC) under `root`, links followed, spelled as it is on disk.

    Raises ValueError for an absolute path, for `..` that climbs out, and for a link that leads out.
    """
    pure = PurePosixPath(relative)
    if pure.is_absolute() or "\\" in relative or ":" in relative or "\0" in relative or not relative:
        raise ValueError(f"`{relative}` is not a path inside the project")
    base = os.path.realpath(root)
    for spelled in dict.fromkeys((relative, on_disk(root, relative))):
        if os.path.commonpath([os.path.realpath(root / spelled), base]) != base:
            raise ValueError(f"`{relative}` leads out of the project")
    return root / spelled


def on_disk(root: Path, relative: str) -> str:
    """`relative` with its names as they are spelled on disk, where there are none of just that spelling.

    Files from a Mac have the letters and accents of their names apart (NFD), and specs hold them together (NFC).
    """
    if relative.isascii() or os.path.isabs(relative) or os.path.lexists(root / relative):
        return relative
    place, names = root, []
    for name in PurePosixPath(relative).parts:
        names.append(name if os.path.lexists(place / name) else _as_spelled(place, name))
        place /= names[-1]
    return "/".join(names)


def _as_spelled(folder: Path, name: str) -> str:
    """The entry of `folder` that `name` means when accents are put together; `name` itself where there is none."""
    try:
        entries = sorted(os.listdir(folder))
    except OSError:
        return name
    return next((entry for entry in entries if composed(entry) == composed(name)), name)


def composed(text: str) -> str:
    """`text` with letters and accents together (NFC), as specs, keys and the manifest have it."""
    if text.isascii():
        return text
    import unicodedata

    return unicodedata.normalize("NFC", text)


def relative(root: Path, path: Path) -> str:
    """`path` as the project names it: relative to `root`, with `/`."""
    return path.relative_to(root).as_posix()
