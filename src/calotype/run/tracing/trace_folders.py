"""Where the traces of shots lie: build/traces/<scene>/scene_<number>/, and which shot each tells of. Must not know what
stands in them.

A trace names its shot, and the number of a shot may change: so a trace is found by what it says, not by its folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from calotype.ground.files import read_file
from calotype.ground.folders import TRACES
from calotype.ground.light_dataclass import dataclass
from calotype.ground.target_names import spec_key_of

SUMMARY = "prompt_trace_summary.json"
"""What names the shot, and holds all that was said about its prompt."""
LARGEST = 1 << 24
"""Bytes of a summary; one that is cut off at them is no JSON, and tells of no shot."""
_NUMBERED = re.compile(r"scene_[1-9][0-9]*(\.moved)?")
_SCENES = "scenes/"
_ASIDE = ".moved"
"""Ends the name of a trace on its way to another number."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The trace of one shot: its `folder`, relative to the project, and the names of its `files`, in order."""

    folder: str
    files: tuple[str, ...]


def folder_of(spec_key: str, place: int) -> str:
    """The folder of the shot at a place of its scene, from 0, relative to the project."""
    return f"{TRACES}/{spec_key.removeprefix(_SCENES)}/scene_{place + 1}"


def traces_of(root: Path, spec_key: str) -> dict[str, Trace]:
    """The traces of a scene by the targets that they tell of; none of a spec that is no scene."""
    if not spec_key.startswith(_SCENES):
        return {}
    traces = {}
    for folder in _numbered(root, f"{TRACES}/{spec_key.removeprefix(_SCENES)}"):
        target = target_in(root, folder)
        if target is not None and spec_key_of(target) == spec_key:
            traces[target] = Trace(folder, tuple(sorted(_names(root, folder))))
    return traces


def trace_of(root: Path, target: str) -> str:
    """The folder that holds the trace of a shot, relative to the project; empty where none was kept."""
    trace = traces_of(root, spec_key_of(target)).get(target)
    return trace.folder if trace is not None else ""


def trace_folders(root: Path) -> list[str]:
    """The folders of all traces, relative to the project."""
    if os.path.islink(root / TRACES):
        return []
    scenes = (f"{TRACES}/{name}" for name in sorted(_names(root, TRACES, folders=True)))
    return [folder for scene in scenes for folder in _numbered(root, scene)]


def watched_folders(root: Path) -> list[str]:
    """The folders by which it is noticed that a trace was removed: those of the traces, and those they lie in."""
    folders = trace_folders(root)
    return [*dict.fromkeys(folder.rpartition("/")[0] for folder in folders), *folders]


def is_older(root: Path, folder: str, since: float) -> bool:
    """Whether a trace was written before `since`, in seconds since 1970."""
    try:
        return (root / folder).stat().st_mtime < since
    except OSError:
        return False


def remove(root: Path, folder: str) -> None:
    """Removes a trace, and the folder of its scene with the last. A disk that refuses leaves it where it is."""
    with suppress(OSError):
        shutil.rmtree(root / folder)  # which refuses a link
    for emptied in (os.path.dirname(folder), TRACES):
        with suppress(OSError):
            os.rmdir(root / emptied)


def renumber(root: Path, spec_key: str, targets: Sequence[str]) -> None:
    """Moves the traces of a scene to where its `targets`, in their order, have theirs; those of shots that it has no
    more go."""
    traces = traces_of(root, spec_key)
    due = {target: folder_of(spec_key, place) for place, target in enumerate(targets)}
    for target in traces.keys() - due.keys():
        remove(root, traces[target].folder)
    moves = {trace.folder: due[target] for target, trace in traces.items()
             if target in due and due[target] != trace.folder}
    with suppress(OSError):
        for folder in moves:
            if not folder.endswith(_ASIDE):
                os.rename(root / folder, root / f"{folder}{_ASIDE}")
        for folder, place in moves.items():
            remove(root, place)  # what stands there tells of no shot
            os.rename(root / f"{folder.removesuffix(_ASIDE)}{_ASIDE}", root / place)


def target_in(root: Path, folder: str) -> str | None:
    """The target that a trace tells of; None where it does not say."""
    try:
        summary = json.loads(read_file(root / folder / SUMMARY, LARGEST)[0])
    except (OSError, ValueError, RecursionError):
        return None
    target = summary.get("target") if isinstance(summary, Mapping) else None
    return target if isinstance(target, str) and target.count("/") >= 2 else None


def _numbered(root: Path, folder: str) -> Iterator[str]:
    """The folders of the traces of one scene, by their numbers."""
    if os.path.islink(root / TRACES) or os.path.islink(root / folder):
        return
    names = [name for name in _names(root, folder, folders=True) if _NUMBERED.fullmatch(name)]
    for name in sorted(names, key=lambda name: (len(name), name)):
        yield f"{folder}/{name}"


def _names(root: Path, folder: str, *, folders: bool = False) -> list[str]:
    """What lies in a folder: files, or `folders`; no links, and nothing where it cannot be read."""
    try:
        with os.scandir(root / folder) as entries:
            return [entry.name for entry in entries
                    if (entry.is_dir if folders else entry.is_file)(follow_symlinks=False)]
    except OSError:
        return []
