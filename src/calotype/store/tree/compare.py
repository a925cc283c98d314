"""Compares the files on disk with the record of the last finished build: what proves that a build has nothing to do.

Every folder is listed and the fingerprint of every file in it is taken anew, each time; a folder's own times prove
nothing. Forked processes share the work, since Python's threads would take turns.
"""

from __future__ import annotations

import os
import time

from calotype.ground.fingerprint import WIDTH, fingerprint_at
from calotype.store.tree.format import FOLDER, MISSING, Encoded, Place, join, read, recorded_names, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from calotype.store.tree.snapshot import Record

    StrPath = str | os.PathLike[str]

Change = tuple[str, str, bytes]
"""(a folder, a name in it, its fingerprint now or MISSING); or (a folder, "", FOLDER or MISSING): come or gone."""

_WORTH_A_PROCESS = 6000


class TreeDiff:
    """The difference between the files on disk and the record of a build.

    `record_found`: there was a whole record under the given key. `unchanged`: every file is as it was recorded.
    `changed`: the paths that differ, sorted, relative to the root with `/`: files added, removed, changed, or
    too fresh to be trusted when the record was taken; also folders come or gone, with a `/` at their end.
    `summary`: what the build stored. `changes` are the changed paths with how each is now: equal sets mean that nothing
    has changed since. `watched` are the files that are watched singly. `mark` is the fingerprint of the record's file.
    """

    __slots__ = ("_changes", "_encoded", "_path", "_root", "_seen_ns", "changed", "changes", "mark", "record_found",
                 "summary", "unchanged")

    def __init__(self, root: str, path: str, encoded: Encoded | None, changes: list[Change],
                 seen_ns: int, fingerprint: bytes = MISSING) -> None:
        self._root, self._path, self.mark = root, path, fingerprint
        self._encoded, self._changes, self._seen_ns = encoded, changes, seen_ns
        self.record_found = encoded is not None
        self.unchanged = encoded is not None and not changes
        self.summary = encoded.summary if encoded is not None else b""
        self.changes = frozenset(changes)
        self.changed = sorted({f"{row}/{name}" if row else name for row, name, _ in changes})

    @property
    def gone(self) -> frozenset[Change]:
        """Those of the changes that tell of what is there no more: they are the same each time it goes."""
        return frozenset(change for change in self.changes if change[2] == MISSING)

    @property
    def watched(self) -> list[str]:
        if self._encoded is None:
            return []
        _path, start, middle, _end, _inner = self._encoded.rows[0]
        return split(self._encoded.data[start:middle])

    @property
    def identity(self) -> str:
        """SHA-256 of the record: the same as long as no build has written another. Only where `record_found`."""
        from calotype.ground.digest import sha256

        return sha256(self._encoded.data) if self._encoded is not None else ""

    def missing_below(self, folder: str) -> list[str]:
        """The recorded files in `folder`, and below it, whose names are there no more. Lists folders, and looks at no
        file."""
        if self._encoded is None:
            return []
        data, rows = self._encoded.data, (row for row in self._encoded.rows if _is_below(row[0], (folder,)))
        return [f"{path}/{name}" for path, start, middle, _end, inner in rows
                for name in _names_missing(f"{self._root}/{path}", data[start:middle], inner)]

    def differs(self, path: str) -> bool:
        """Whether one file is another now than when it was recorded, or was not recorded at all."""
        folder, _, name = path.rpartition("/")
        row = next((row for row in self._encoded.rows if row[0] == folder), None) if self._encoded is not None else None
        if self._encoded is None or row is None:
            return True
        _path, start, middle, _end, _inner = row
        names = split(self._encoded.data[start:middle])
        if name not in names:
            return True
        at = middle + names.index(name) * WIDTH
        try:
            with Place(f"{self._root}/{folder}", follow=False) as place:
                return place.fingerprints([name]) != self._encoded.data[at:at + WIDTH]
        except OSError:
            return True

    def encoded_at(self, path: str, fingerprint: bytes) -> Encoded | None:
        """The record that this comparison has read, where that is the file of this fingerprint at `path`."""
        is_same = fingerprint == self.mark != MISSING and path == self._path
        return self._encoded if is_same else None

    def record(self) -> Record:
        """The record as of this look, to be carried on by the build. Only where `record_found`."""
        from calotype.store.tree.snapshot import carried_on

        if self._encoded is None:
            raise ValueError("there is no record to carry on")
        scratch = os.path.dirname(self._path)
        return carried_on(self._root, self._encoded, self._changes, self._seen_ns, scratch)


def look(root: StrPath, path: StrPath, key: bytes, *, processes: int | None = None,
         folders: Collection[str] | None = None, below: Collection[str] = (),
         before: TreeDiff | None = None) -> TreeDiff:
    """Compares the files under `root` with the record at `path`.

    `key` says under what conditions the record may be believed (program version, options); a record taken
    under another key, a damaged one and none are all the same: nothing is known. `processes`: None for as
    many as pay. `folders`: only files in these are compared (not those in folders below them), and the files
    that are watched singly; None for all. `below`: where `folders` are given, these and all folders below them, too.
    `before`: a comparison whose record is not read again, if it is the same.
    """
    base, place, seen_ns = os.fspath(root), os.fspath(path), time.time_ns()
    fingerprint = _fingerprint(place)
    encoded = before.encoded_at(place, fingerprint) if before is not None else None
    if encoded is None:
        encoded = read(place)
    if encoded is None or encoded.key != key:
        return TreeDiff(base, place, None, [], seen_ns)
    changes = _compare(base, encoded, processes, folders, below)
    if changes and not encoded.sound():
        return TreeDiff(base, place, None, [], seen_ns)
    return TreeDiff(base, place, encoded, changes, seen_ns, fingerprint)


def _fingerprint(path: str) -> bytes:
    try:
        return fingerprint_at(path)
    except OSError:
        return MISSING


class _Part:
    """Names [start, stop) of one row; the part that starts at 0 also lists the folder."""

    __slots__ = ("row", "start", "stop")

    def __init__(self, row: int, start: int, stop: int) -> None:
        self.row, self.start, self.stop = row, start, stop


def _compare(root: str, encoded: Encoded, processes: int | None, folders: Collection[str] | None,
             below: Collection[str]) -> list[Change]:
    counts = {row: (end - middle) // WIDTH for row, (path, _start, middle, end, _inner) in enumerate(encoded.rows)
              if folders is None or not path or path in folders or _is_below(path, below)}
    total = sum(counts.values())
    if processes is None:
        processes = 1 if total < 2 * _WORTH_A_PROCESS else _processes_for(total)
    parts = _parts(counts, max(total // (processes * 4), 500))
    if processes < 2:
        return _changes(root, encoded, parts)
    from calotype.store.tree.fork_pool import share

    chunks = _chunks(parts, max(total // 120, 250))
    shares = share(lambda chunk: _changes(root, encoded, chunks[chunk]), len(chunks), processes)
    return [change for changes in shares for change in changes]


def _is_below(path: str, folders: Collection[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _names_missing(place: str, recorded: bytes, inner: tuple[str, ...]) -> list[str]:
    """Those of the `recorded` names in the folder at `place` that are there no more."""
    try:
        names = os.listdir(place)
    except OSError:
        return split(recorded)
    if not inner and join(names) == recorded:
        return []
    return sorted({*split(recorded)} - {*names})


def _processes_for(total: int) -> int:
    from calotype.store.tree.fork_pool import processes_for

    return processes_for(total, _WORTH_A_PROCESS)


def _parts(counts: dict[int, int], most: int) -> list[_Part]:
    return [_Part(row, start, min(start + most, count))
            for row, count in counts.items() for start in range(0, max(count, 1), most)]


def _chunks(parts: list[_Part], least: int) -> list[list[_Part]]:
    """Parts dealt in heaps of at least `least` files, so that no more than 250 heaps are handed round."""
    heaps: list[list[_Part]] = [[]]
    weight, least = 0, max(least, len(parts) * 4 // 120)
    for part in parts:
        if weight >= least:
            heaps.append([])
            weight = 0
        heaps[-1].append(part)
        weight += part.stop - part.start + 4
    return heaps


def _changes(root: str, encoded: Encoded, parts: list[_Part]) -> list[Change]:
    return [change for part in parts for change in _part_changes(root, encoded, part)]


def _part_changes(root: str, encoded: Encoded, part: _Part) -> list[Change]:
    path, start, middle, _end, inner = encoded.rows[part.row]
    recorded = encoded.data[start:middle]
    names = split(recorded)[part.start:part.stop] if recorded else []
    try:
        with Place(f"{root}/{path}", follow=not path or path in encoded.trees) as place:
            fingerprints = place.fingerprints(names, follow=not path)
            changes = _listing_changes(root, path, place, recorded, inner) if path and part.start == 0 else []
    except OSError:
        return [(path, name, MISSING) for name in names] + [(path, "", MISSING)] * (part.start == 0)
    then = encoded.data[middle + part.start * WIDTH:middle + part.stop * WIDTH]
    if fingerprints != then:
        for name, fingerprint in _differing(names, then, fingerprints):
            changes += _now(root, path, name, fingerprint, path or name in encoded.trees)
    return changes


def _differing(names: list[str], then: bytes, now: bytes) -> list[tuple[str, bytes]]:
    return [(name, now[at:at + WIDTH]) for name, at in zip(names, range(0, len(now), WIDTH), strict=True)
            if now[at:at + WIDTH] != then[at:at + WIDTH]]


def _now(root: str, path: str, name: str, fingerprint: bytes, in_tree: object) -> list[Change]:
    """What there is now where something else was; a folder may have taken the place of a file."""
    inside = f"{path}/{name}" if path else name
    if fingerprint != MISSING and in_tree and _is_folder(f"{root}/{inside}", follow=not path):
        return [(path, name, MISSING), *_folder_changes(root, inside)]
    return [(path, name, fingerprint)]


def _listing_changes(root: str, path: str, place: Place, known: bytes,
                     inner: tuple[str, ...]) -> list[Change]:
    """What has come into a folder since. What has gone shows by its fingerprint, a folder by its own row."""
    names = recorded_names(path, place.names())
    if not inner and join(names) == known:
        return []
    added = sorted({*names} - {*split(known)} - {*inner})
    return _entry_changes(root, path, place, added)


def _entry_changes(root: str, path: str, place: Place, names: list[str]) -> list[Change]:
    changes: list[Change] = []
    for name in names:
        if _is_folder(f"{root}/{path}/{name}", follow=False):
            changes += _folder_changes(root, f"{path}/{name}")
        else:
            changes.append((path, name, place.fingerprints([name])))
    return changes


def _folder_changes(root: str, path: str) -> list[Change]:
    """A folder that has come, and all in it."""
    try:
        with Place(f"{root}/{path}") as place:
            return [(path, "", FOLDER), *_entry_changes(root, path, place, sorted(recorded_names(path, place.names())))]
    except OSError:
        return [(path, "", FOLDER)]


def _is_folder(path: str, follow: bool) -> bool:
    try:
        return os.stat(path, follow_symlinks=follow).st_mode & 0o170000 == 0o040000
    except OSError:
        return False
