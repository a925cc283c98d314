"""The files below specs/picks in which decisions stand. It must not know what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from calotype.ground.diagnostics import Diagnostic, Problem, error
from calotype.ground.folders import PICKS
from calotype.project.sources import check_link, is_folder

_YAML = (".yaml", ".yml")


def picks_files(root: Path, folder: str = PICKS) -> Iterator[str]:
    """The picks files at and below `folder`, sorted, hidden ones left out; none where specs/picks is missing.

    Raises Problem for what hides decisions: a folder that cannot be listed or is reached by a link, a picks file that
    is a folder or a link out of the project.
    """
    if not os.path.lexists(root / folder):
        return
    for entry in _listing(root, folder):
        name = f"{folder}/{entry.name}"
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            check_link(root, name)
        if not is_folder(entry):
            if is_picks_file(name):
                yield name
        elif is_picks_file(name):
            raise Problem(_unreadable(name, "is a folder, where a picks file is expected"))
        else:
            yield from picks_files(root, name)


def is_picks_file(path: str) -> bool:
    """By its name: a YAML file below specs/picks that is not hidden, nor in a hidden folder."""
    return path.startswith(f"{PICKS}/") and path.endswith(_YAML) and "/." not in path


def _listing(root: Path, folder: str) -> list[os.DirEntry[str]]:
    if (root / folder).is_symlink():
        raise Problem(_unreadable(folder, "is a link: decisions are looked for in folders of the project alone"))
    try:
        return sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except OSError as cause:
        raise Problem(_unreadable(folder, f"cannot be read: {cause.strerror}")) from None


def _unreadable(path: str, message: str) -> Diagnostic:
    return error("unreadable", message, file=path, hint="decisions may stand there: put it right, or remove it")
