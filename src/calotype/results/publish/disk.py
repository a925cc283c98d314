"""Files and folders beside assets: made, synced, tidied, refused. Must not know what is written in them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from calotype.ground import atomic
from calotype.ground.atomic import TEMP_PREFIX, TEMP_SUFFIX, sync_directories
from calotype.ground.diagnostics import EXIT_FAILED, Problem, error
from calotype.ground.images import LFS_POINTER

_POINTER_BYTES = 1024


def tidy(folder: Path) -> list[str]:
    """Removes what a stopped command left half written, and another's that is at work: hold the build lock. Returns the
    names."""
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    left = [name for name in names if name.startswith(TEMP_PREFIX) and name.endswith(TEMP_SUFFIX)]
    for name in left:
        (folder / name).unlink(missing_ok=True)
    return left


def sync_files(paths: Collection[Path]) -> None:
    """Makes files durable: when all are written, so that one commit of the disk's journal carries many."""
    if paths:
        with refusals("write", next(iter(paths)).parent.name):
            atomic.sync_files(paths)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, each durable in the one that holds it. Raises OSError."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_directories([folder.parent])


def remove_empty(root: Path, folder: str) -> list[str]:
    """Removes `folder` and those above it, as far as they are empty, below `root`'s own; returns them."""
    removed: list[str] = []
    while "/" in folder:
        try:
            os.rmdir(root / folder)
        except OSError:
            break
        removed.append(folder)
        folder = folder.rpartition("/")[0]
    return removed


def refuse_pointer(path: Path, name: str) -> None:
    """Raises Problem (exit 2) where Git LFS left a pointer instead of the file."""
    with refusals("read", name):
        if not path.is_file() or path.stat().st_size > _POINTER_BYTES:
            return
        if path.read_bytes().startswith(LFS_POINTER):
            message = "is a Git LFS pointer where an image should be"
            raise Problem(error("lfs", message, file=name, hint="run `git lfs pull`"))


@contextmanager
def refusals(verb: str, path: str) -> Iterator[None]:
    """Turns the disk's refusal to `verb` (read, write, remove) a path into a Problem with exit 1."""
    try:
        yield
    except OSError as problem:
        message = f"cannot {verb} `{path}`: {problem.strerror or problem}"
        hint = "nothing is lost: make room or mend the permissions, then build again"
        raise Problem(error("assets", message, file=path, hint=hint), EXIT_FAILED) from None
