"""Takes records of files, and carries them from one build to the next."""

from __future__ import annotations

import os
import time
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from calotype.ground.atomic import open_temporary, write_bytes
from calotype.ground.fingerprint import COARSE_NS, WIDTH, is_settled
from calotype.store.tree.format import (
    FOLDER,
    MISSING,
    UNTRUSTED,
    Encoded,
    Folder,
    Place,
    encode,
    join,
    recorded_names,
)

StrPath = str | os.PathLike[str]


class Record:
    """The fingerprints of all files that a build depends on and publishes.

    A build takes it (or carries it on from its look) *before* it reads its inputs, so that a file which
    changes during the build differs from its fingerprint at the next comparison. What the build writes and removes, it
    tells.
    """

    def __init__(self, root: StrPath, trees: Sequence[str], scratch: StrPath, seen_ns: int,
                 folders: dict[str, Folder], loose: dict[str, bytes]) -> None:
        self._root, self._trees, self._scratch = os.fspath(root), tuple(trees), os.fspath(scratch)
        self._folders, self._loose = folders, loose
        self._skew_ns = _skew_ns(self._scratch)
        self._seen_ns = seen_ns - self._skew_ns

    def watch(self, paths: Iterable[str]) -> None:
        """Sets the files outside the trees: relative to the root or absolute; links are followed.

        Of a folder its own stat alone counts (names come or go). What is missing is watched for. Paths
        already watched keep the fingerprint they had. Call it before reading them.
        """
        watched = dict.fromkeys(paths)
        unchanged = {path: old for path, old in self._loose.items() if path in watched or self._is_ours(path)}
        new = [path for path in watched if path not in unchanged]
        self._loose = unchanged | self._follow(new, self._now())

    def watch_too(self, paths: Iterable[str]) -> None:
        """As `watch`, beside what is watched already."""
        new = [path for path in paths if path not in self._loose]
        self._loose |= self._follow(new, self._now())

    def wrote(self, paths: Iterable[str]) -> None:
        """Calotype has put content it knows at `paths`, in the trees or watched."""
        now = self._now()
        inside, watched = self._sorted_out(paths)
        self._loose |= self._follow(watched, now, ours=True)
        for folder, names in inside.items():
            fingerprints = _pairs(names, _trusted(self._fingerprints(folder, names), now, ours=True))
            self._enter(folder)
            self._update(folder, {name: UNTRUSTED if new == MISSING else new for name, new in fingerprints.items()})

    def removed(self, paths: Iterable[str]) -> None:
        """Calotype has removed `paths`, and the folders that this left empty, as far as they are gone."""
        inside, watched = self._sorted_out(paths)
        self._loose |= self._follow(watched, self._now())
        for folder, names in sorted(inside.items(), reverse=True):
            if folder in self._folders:
                self._update(folder, dict.fromkeys(names, MISSING))
                self._leave(folder)

    def write(self, path: StrPath, key: bytes, summary: bytes) -> None:
        """Puts the record at `path`, unsynced: one that is lost makes the next build slower, not wrong."""
        loose = Folder(join(self._loose), b"".join(self._loose.values()))
        data = encode(key, summary, self._trees, self._folders, loose)
        write_bytes(Path(path), data, durable=False)

    def below(self, folder: str) -> dict[str, bytes]:
        """The fingerprint of each file in `folder` and the folders below it, by path."""
        return _paths({path: row for path, row in self._folders.items() if f"{path}/".startswith(f"{folder}/")})

    def carry_on(self, changes: Iterable[tuple[str, str, bytes]]) -> None:
        """Takes over what a look has found."""
        grouped: dict[str, dict[str, bytes]] = {}
        for folder, name, fingerprint in changes:
            grouped.setdefault(folder, {})[name] = fingerprint
        for folder, entries in sorted(grouped.items()):
            of_folder = entries.pop("", FOLDER)
            trusted = {name: _trusted(fingerprint, self._seen_ns) for name, fingerprint in entries.items()}
            if not folder:
                self._loose |= trusted
            elif of_folder == MISSING:
                self._drop(folder)
            else:
                self._enter(folder)
                self._update(folder, trusted)
                self._add_links(folder, trusted)

    def _sorted_out(self, paths: Iterable[str]) -> tuple[dict[str, list[str]], list[str]]:
        inside: dict[str, list[str]] = {}
        watched = []
        for path in paths:
            folder, _, name = path.rpartition("/")
            if path in self._loose:
                watched.append(path)
            if any(f"{folder}/".startswith(f"{tree}/") for tree in self._trees):
                inside.setdefault(folder, []).append(name)
        return inside, watched

    def _update(self, path: str, entries: dict[str, bytes]) -> None:
        """Rewrites a row: `entries` are new fingerprints, MISSING for what is to be forgotten.

        Names that others have added since are left out, those that others removed are left in, so that the
        next look finds both.
        """
        old = self._folders[path]
        fingerprints = {name: new for name, new in (old.entries() | entries).items() if new != MISSING}
        names = _listed(f"{self._root}/{path}")
        listed = {name: fingerprints[name] for name in names if name in fingerprints} | fingerprints
        folders = dict.fromkeys([*old.inner, *names])
        inner = tuple(name for name in folders if f"{path}/{name}" in self._folders)
        self._folders[path] = Folder(join(listed), b"".join(listed.values()), inner)

    def _enter(self, path: str) -> None:
        """Makes a row for a folder, and for those above it in its tree."""
        if path in self._folders:
            return
        self._folders[path] = Folder(b"", b"")
        self._loose.pop(path, None)
        if path not in self._trees:
            parent, _, name = path.rpartition("/")
            self._enter(parent)
            above = self._folders[parent]
            self._folders[parent] = Folder(above.names, above.fingerprints, (*above.inner, name))

    def _leave(self, path: str) -> None:
        """Drops the rows of empty folders that are gone, from `path` upwards."""
        row = self._folders[path]
        if row.names or row.inner or os.path.isdir(f"{self._root}/{path}"):
            return
        self._drop(path)
        parent = path.rpartition("/")[0]
        if parent in self._folders:
            self._leave(parent)

    def _drop(self, path: str) -> None:
        for row in [row for row in self._folders if row == path or row.startswith(f"{path}/")]:
            del self._folders[row]
        if path in self._trees:
            self._loose[path] = MISSING
        parent, _, name = path.rpartition("/")
        if parent in self._folders:
            above = self._folders[parent]
            inner = tuple(folder for folder in above.inner if folder != name)
            self._folders[parent] = Folder(above.names, above.fingerprints, inner)

    def _add_links(self, folder: str, names: Iterable[str]) -> None:
        paths = [f"{folder}/{name}" for name in names]
        links = [path for path in paths if os.path.islink(f"{self._root}/{path}")]
        self._loose |= self._follow(links, self._seen_ns)

    def _is_ours(self, path: str) -> bool:
        """Whether a loose path is watched of itself: a link in a tree, or a tree that is missing."""
        return path in self._trees or os.path.dirname(path) in self._folders

    def _fingerprints(self, folder: str, names: list[str]) -> bytes:
        try:
            with Place(f"{self._root}/{folder}") as place:
                return place.fingerprints(names)
        except OSError:
            return MISSING * len(names)

    def _follow(self, paths: list[str], seen_ns: int, *, ours: bool = False) -> dict[str, bytes]:
        if not paths:
            return {}
        with Place(self._root) as place:
            return _pairs(paths, _trusted(place.fingerprints(paths, follow=True), seen_ns, ours=ours))

    def _now(self) -> int:
        return time.time_ns() - self._skew_ns


def take(root: StrPath, trees: Sequence[str], files: Iterable[str], scratch: StrPath) -> Record:
    """The record of all that lies in `trees` (folders, with all in them) and of `files`, as they are now.

    Paths are relative to `root`, with `/`; no tree lies in another. `files` is as for `Record.watch`.
    `scratch` is a folder that Calotype may write in, on the project's file system, if possible: its clock is
    asked there. Raises OSError for a folder that cannot be read.
    """
    record = Record(root, trees, scratch, time.time_ns(), {}, {})
    links: list[str] = []
    for tree in trees:
        if os.path.isdir(f"{record._root}/{tree}"):
            _walk(record._root, tree, record._seen_ns, record._folders, links)
        else:
            record._loose[tree] = MISSING
    record._loose |= record._follow(links, record._seen_ns)
    record.watch(files)
    return record


def fingerprints_below(root: StrPath, folder: str) -> dict[str, bytes]:
    """As `Record.below`, of the files as they are now; UNTRUSTED for a link. Raises OSError for a folder that cannot be
    read."""
    folders: dict[str, Folder] = {}
    links: list[str] = []
    if os.path.isdir(f"{root}/{folder}"):
        _walk(os.fspath(root), folder, time.time_ns(), folders, links)
    return _paths(folders) | dict.fromkeys(links, UNTRUSTED)


def carried_on(root: StrPath, encoded: Encoded, changes: Iterable[tuple[str, str, bytes]], seen_ns: int,
               scratch: StrPath) -> Record:
    """The record as a look at `seen_ns` has found it."""
    data = encoded.data
    rows = {path: Folder(data[start:middle], data[middle:end], inner)
            for path, start, middle, end, inner in encoded.rows}
    loose = rows.pop("").entries()
    record = Record(root, encoded.trees, scratch, seen_ns, rows, loose)
    record.carry_on(changes)
    return record


def _walk(root: str, path: str, seen_ns: int, folders: dict[str, Folder], links: list[str]) -> None:
    files: list[str] = []
    inner: list[str] = []
    with os.scandir(f"{root}/{path}") as entries:
        for entry in entries:
            if not recorded_names(path, [entry.name]):
                continue
            (inner if entry.is_dir(follow_symlinks=False) else files).append(entry.name)
            if entry.is_symlink():
                links.append(f"{path}/{entry.name}")
    with Place(f"{root}/{path}") as place:
        fingerprints = _trusted(place.fingerprints(files), seen_ns)
    folders[path] = Folder(join(files), fingerprints, tuple(inner))
    for name in inner:
        _walk(root, f"{path}/{name}", seen_ns, folders, links)


def _paths(folders: Mapping[str, Folder]) -> dict[str, bytes]:
    return {f"{path}/{name}": fingerprint
            for path, row in folders.items() for name, fingerprint in row.entries().items()}


def _trusted(fingerprints: bytes, seen_ns: int, *, ours: bool = False) -> bytes:
    """`fingerprints`, with UNTRUSTED for those that might not show a later change."""
    times = array("q", fingerprints)
    if max(times, default=0) < seen_ns - COARSE_NS:
        return fingerprints
    each = [fingerprints[at:at + WIDTH] for at in range(0, len(fingerprints), WIDTH)]
    return b"".join([fingerprint if is_settled(fingerprint, seen_ns, ours=ours) else UNTRUSTED for fingerprint in each])


def _pairs(names: Sequence[str], fingerprints: bytes) -> dict[str, bytes]:
    return {name: fingerprints[at * WIDTH:(at + 1) * WIDTH] for at, name in enumerate(names)}


def _listed(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []


def _skew_ns(folder: str) -> int:
    """By how much the file system's clock (perhaps a server's) lags behind ours; 0 if it cannot be asked."""
    try:
        handle, path = open_temporary(Path(folder))
    except OSError:
        return 0
    try:
        return max(0, time.time_ns() - os.fstat(handle).st_ctime_ns)
    finally:
        os.close(handle)
        path.unlink(missing_ok=True)
