"""The border of a project: where it begins, and what stands in Calotype's places and is no folder or file of its own.

A checkout may come from anybody. A link in it would have Calotype read, write or clean what lies elsewhere, and a pipe
would have it wait for ever; so both are refused before a command looks into the folder that holds them, and so is a
sheet that would fill the memory.
"""

from __future__ import annotations

import os
import stat

from calotype.ground.folders import (
    BUILD,
    BUILD_LOCK,
    CACHE,
    CONTENT,
    DECISION_LOCK,
    EDITED,
    IMAGES,
    LOGS,
    MANIFEST_FOLDER,
    MARKER,
    PREVIEW,
    RECORD,
    SHEET_TEMPLATES,
    STATE,
    STATE_DB,
    TEMPLATES,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from calotype.ground.diagnostics import Diagnostic

    StrPath = str | os.PathLike[str]

_LARGE = frozenset(f"{BUILD}/{name}" for name in ("exercises", "characters", "scenes", "thumbs", "data"))
"""Folders of so many files that each is looked at only when it is opened."""
_FILES = (".html", ".html.j2", ".j2", ".css", ".js", ".json", ".jsonl", ".webp", ".png", ".db", ".lock")
"""What files of Calotype's are called: a folder of such a name stands in a file's place."""
LARGEST_SHEET = 1 << 20
"""Bytes of a file in templates/sheets: each is read whole, and copied or compiled into pages."""


def nearest_root(start: str) -> str | None:
    """The real path of the nearest folder at or above `start` that is a project; none where `start` is not there."""
    here = os.path.realpath(start)
    if not os.path.exists(here):
        return None
    while not os.path.lexists(os.path.join(here, MARKER)):
        above = os.path.dirname(here)
        if above == here:
            return None
        here = above
    return here


def require_own_places(root: StrPath) -> None:
    """Raises Problem where calotype.yaml, build/ or what locks and remembers is not the project's own. It takes a few
    system calls: every command asks it."""
    _raise_if(fault_in_own_places(root))


def fault_in_own_places(root: StrPath) -> Diagnostic | None:
    """What `require_own_places` would raise."""
    base = os.fspath(root)
    for folder in (BUILD, LOGS, CACHE, STATE):
        if (fault := _folder_fault(base, folder)) is not None:
            return fault
    for file in (MARKER, RECORD, BUILD_LOCK, DECISION_LOCK, STATE_DB):
        if (fault := _file_fault(base, file)) is not None:
            return fault
    for path in (CONTENT, IMAGES, MANIFEST_FOLDER, f"{CONTENT}/manifest.json"):
        if leads_out(base, f"{base}/{path}"):
            return _fault(base, path, stat.S_IFLNK, "a folder")
    return None


def leads_out(root: StrPath, path: StrPath) -> bool:
    """Whether a link stands at `path`, a full one, that leads out of the project."""
    if not os.path.islink(path):
        return False
    return not _stays(os.fspath(root), os.path.relpath(path, root))


def require_own_tree(root: StrPath, cache: str = CACHE) -> None:
    """As `require_own_places`, for all in templates/ and build/, the folders of content/ with what is in the manifest,
    and the folders of `cache`, the cache's."""
    base = os.fspath(root)
    require_own_places(base)
    for folder in (*_above(cache), f"{cache}/cas", f"{cache}/damaged", *sorted(_LARGE), EDITED, PREVIEW):
        _raise_if(_folder_fault(base, folder))
    faults = [*_faults(base, BUILD), *_template_faults(base, TEMPLATES), *_content_faults(base)]
    for folder in dict.fromkeys((CACHE, STATE, cache, f"{cache}/cas")):
        faults += _faults(base, folder, deep=False)
    _raise_if(*faults)


def require_own_pages(root: StrPath) -> None:
    """As `require_own_places`, for every file in build/: all that is shown, and that a CI job may keep."""
    _raise_if(*_faults(os.fspath(root), BUILD, large=True))


def require_place(root: StrPath, path: str) -> None:
    """Raises Problem where anything but a file stands at `path`, where Calotype is to write one."""
    _raise_if(_file_fault(os.fspath(root), path))


def require_folder(root: StrPath, path: str) -> None:
    """Raises Problem where anything but a folder stands at `path`, where Calotype is to write files."""
    _raise_if(_folder_fault(os.fspath(root), path))


def _file_fault(base: str, file: str) -> Diagnostic | None:
    mode = _mode(f"{base}/{file}")
    if mode is None or stat.S_ISREG(mode) or (file == MARKER and _leads_to_file(base, file)):
        return None
    return _fault(base, file, mode, "a file")


def _folder_fault(base: str, folder: str) -> Diagnostic | None:
    mode = _mode(f"{base}/{folder}")
    return None if mode is None or stat.S_ISDIR(mode) else _fault(base, folder, mode, "a folder")


def _raise_if(*faults: Diagnostic | None) -> None:
    found = [fault for fault in faults if fault is not None]
    if found:
        from calotype.ground.diagnostics import Problem

        raise Problem(dict.fromkeys(found))


def _leads_to_file(base: str, file: str) -> bool:
    return _stays(base, file) and os.path.isfile(f"{base}/{file}")


def _above(folder: str) -> list[str]:
    """The folders that lead to `folder`, and itself."""
    parts = folder.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _faults(base: str, folder: str, *, deep: bool = True, large: bool = False) -> Iterator[Diagnostic]:
    """What is neither a file nor a folder in a folder that Calotype alone writes."""
    for entry in _entries(f"{base}/{folder}"):
        name = f"{folder}/{entry.name}"
        if entry.is_file(follow_symlinks=False):
            continue
        if not entry.is_dir(follow_symlinks=False):
            yield _fault(base, name, _mode(entry.path), "a file")
        elif entry.name.endswith(_FILES):
            yield _fault(base, name, stat.S_IFDIR, "a file")
        elif deep and (large or name not in _LARGE):
            yield from _faults(base, name, large=large)


def _template_faults(base: str, folder: str) -> Iterator[Diagnostic]:
    """What leads out of the project, is no file, or is too large a sheet, where people put templates. A link within the
    project is theirs."""
    mode = _mode(f"{base}/{folder}")
    if mode is not None and stat.S_ISLNK(mode) and not _stays(base, folder):
        yield _fault(base, folder, mode, "a folder")
        return
    for entry in _entries(f"{base}/{folder}"):
        name = f"{folder}/{entry.name}"
        if entry.is_dir(follow_symlinks=False) and not entry.name.endswith(_FILES):
            yield from _template_faults(base, name)
        elif not entry.is_file(follow_symlinks=False) and not (
                entry.is_symlink() and _stays(base, name) and os.path.exists(entry.path)):
            yield _fault(base, name, _mode(entry.path), "a file")
        elif folder.startswith(SHEET_TEMPLATES) and (size := os.path.getsize(entry.path)) > LARGEST_SHEET:
            yield _too_large(name, size)


def _content_faults(base: str) -> Iterator[Diagnostic]:
    """What leads out of the project among the files of the manifest and the folders of assets; a link within it is the
    project's. Assets are many, and looked at where each is read."""
    from calotype.ground.target_names import FOLDERS

    for folder in (f"{above}/{kind}" for above in (MANIFEST_FOLDER, IMAGES) for kind in ("", *FOLDERS)):
        for entry in _entries(f"{base}/{folder}"):
            name = os.path.normpath(f"{folder}/{entry.name}")
            if entry.is_symlink() and not _stays(base, name):
                yield _fault(base, name, stat.S_IFLNK, "a folder")


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []  # whoever needs the folder is told


def _fault(base: str, path: str, mode: int | None, expected: str) -> Diagnostic:
    from calotype.ground.diagnostics import error

    if mode is not None and stat.S_ISLNK(mode):
        if not _stays(base, path):
            return error("path-outside", f"`{path}` leads out of the project", file=path,
                         hint="remove the link, or put what it leads to in its place")
        return error("in-the-way", f"is a link, where {expected} of its own is expected", file=path, hint="remove it")
    kind = "a file" if stat.S_ISREG(mode or 0) else "a folder" if stat.S_ISDIR(mode or 0) else "a pipe or a device"
    return error("in-the-way", f"is {kind}, where {expected} is expected", file=path, hint="remove it")


def _too_large(path: str, size: int) -> Diagnostic:
    from calotype.ground.diagnostics import error

    return error("too-large", f"{size:,} bytes; a file of a sheet may hold {LARGEST_SHEET:,}", file=path,
                 hint="remove it: the packaged one of that name is used then")


def _stays(base: str, path: str) -> bool:
    real, home = os.path.realpath(f"{base}/{path}"), os.path.realpath(base)
    return real.startswith(home + os.sep)


def _mode(path: str) -> int | None:
    try:
        return os.lstat(path).st_mode
    except OSError:
        return None
