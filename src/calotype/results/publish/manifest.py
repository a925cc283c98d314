"""The manifest: the committed record of what is published, and why. Must not know how it comes to be so.

`content/manifest.json` holds the schema version, the config's digest and the weight locks; the lines stand in
shards, `content/manifest/<kind>/<name>.jsonl`, read when first needed, written only when their bytes change.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from calotype.ground import atomic
from calotype.ground.diagnostics import EXIT_FAILED, Diagnostic, Problem, error, warning
from calotype.ground.files import hidden_by, open_file
from calotype.ground.images import LFS_POINTER
from calotype.ground.paths import inside
from calotype.ground.target_names import FOLDERS
from calotype.results.publish import locks, shard
from calotype.results.publish.disk import make_folder, tidy
from calotype.results.publish.line import (
    Candidate,
    Line,
    MadeWith,
    Pick,
    Upstream,
    from_bytes,
    head,
    shard_of,
    to_bytes,
)

__all__ = ["Candidate", "Line", "MadeWith", "Manifest", "Pick", "Upstream", "from_bytes", "shard_of", "to_bytes"]

_FEW = 16
"""Up to so many names are searched one by one: faster than to take a file apart."""

_line_of = lru_cache(maxsize=4)(from_bytes)
"""Planning asks for the same line several times in a row."""


class Manifest:
    """The manifest of the project at `root`, whose assets lie in the folder `content`.

    `config` (a digest) and `weights` (reference -> sha256) may be assigned; `save` writes them. `diagnostics`
    grows as shards are read. Raises Problem (exit 2) for a manifest of a newer Calotype, or still in Git LFS.
    """

    def __init__(
        self, root: Path, content: str = "content", fault: Callable[[Line], str | None] = lambda line: None
    ) -> None:
        """`fault` says why a line cannot be believed."""
        self._root = root
        self._fault = fault
        self._proved: set[tuple[str, str]] = set()
        self._content = content
        self._loaded: dict[str, shard.Shard] = {}
        self._locks_file = f"{content}/manifest.json"
        self._locks_data = self._read(self._locks_file)
        read = locks.read(self._locks_data, self._locks_file)
        self.config: str = read.config
        self.weights: dict[str, str] = dict(read.weights)
        self.diagnostics: list[Diagnostic] = list(read.diagnostics)

    def shards(self) -> list[str]:
        """The names of all shards, on disk or new: `exercises/neck`, `scenes/coffee`, ..."""
        names = {name for name, loaded in self._loaded.items() if loaded.rows or loaded.disputed or loaded.damaged}
        return sorted(names.union(*(set(self._on_disk(kind)) - self._loaded.keys() for kind in FOLDERS)))

    def line(self, target: str, path: str | None = None) -> Line | None:
        """The line of `target`, or None. With its asset's `path`, only one shard is read."""
        shards = (self._shard(name) for name in self._where(target, path))
        loaded = next((each for each in shards if target in each.rows), None)
        return None if loaded is None else self._parsed(loaded, target)

    def holds(self, target: str, path: str) -> bool:
        """Whether the shard of an asset has a line of `target`, sound or not. Parses nothing."""
        return any(target in self._shard(name).rows for name in self._where(target, path))

    def lines(self, name: str | None = None) -> Iterator[Line]:
        """Every line, sorted by target within its shard; only those of shard `name`, if one is given."""
        for each in [name] if name else self.shards():
            loaded = self._shard(each)
            for target in sorted(loaded.rows):
                line = self._parsed(loaded, target)
                if line is not None:
                    yield line

    def naming(self, names: Collection[str]) -> Iterator[tuple[str, str]]:
        """Target and path of each line that holds one of `names`, digests or keys, anywhere. Lines are searched as
        bytes: a project of 30,000 takes some 30 ms for a few names."""
        wanted = frozenset(name.encode() for name in names)
        for each in self.shards() if wanted else ():
            shard = self._loaded.get(each)
            file = f"{self._content}/manifest/{each}.jsonl"
            data = shard.to_bytes() if shard is not None else self._read(file) or b""
            rows = (row for row in data.split(b"\n") if _holds(row, wanted)) if _holds(data, wanted) else ()
            for target, path, _ in (head(row) or _slow_head(row) for row in rows):
                if path:
                    yield target, path

    def disputed(self, target: str, path: str | None = None) -> tuple[Line, ...]:
        """The versions of a line that a merge left undecided: each may be adopted, none is believed."""
        shards = (self._shard(name) for name in self._where(target, path))
        versions = _readable(data for loaded in shards for data in loaded.disputed.get(target, ()))
        return tuple(line for line in versions if self._fault(line) is None)

    def disputed_in(self, name: str) -> Iterator[Line]:
        """As `disputed`, of all targets of one shard."""
        return _readable(data for versions in self._shard(name).disputed.values() for data in versions)

    def owned(self, name: str | None = None) -> dict[str, tuple[str, ...]]:
        """Asset path -> the file digests known there: more than one where a merge left it undecided."""
        digests: dict[str, tuple[str, ...]] = {}
        for each in [name] if name else self.shards():
            loaded = self._shard(each)
            torn = set(loaded.damaged.values())
            for data in loaded.every():
                _, path, sha256 = (head(data) if data not in torn else None) or _slow_head(data)
                if path:
                    digests[path] = (*digests.get(path, ()), sha256)
        return digests

    def targets(self, name: str) -> list[str]:
        """The targets of one shard, disputed ones too, sorted; parses nothing."""
        loaded = self._shard(name)
        return sorted(loaded.rows.keys() | loaded.disputed.keys() | loaded.damaged.keys())

    def put(self, lines: Iterable[Line]) -> None:
        """Adds lines, or takes the place of those of the same target in the same shard."""
        for line in lines:
            self._shard(shard_of(line.target, line.path)).put(line.target, to_bytes(line))

    def drop(self, target: str, path: str) -> None:
        """Forgets the line of `target` that names `path`. A line that is not there is no error."""
        self._shard(shard_of(target, path)).drop(target)

    def drop_torn(self, asked: Collection[str]) -> None:
        """Forgets the damaged lines of targets that are not among the `asked`, and whose assets are gone as well."""
        for name in self.shards():
            loaded = self._shard(name)
            for target, path in list(loaded.torn()):
                if target not in asked and (path is None or not os.path.lexists(self._root / path)):
                    loaded.drop(target)

    def replace(self, name: str, lines: Iterable[Line]) -> None:
        """Makes `lines` the whole of a shard."""
        loaded = self._shard(name)
        rows = {line.target: to_bytes(line) for line in lines}
        for target in (loaded.rows.keys() | loaded.disputed.keys()) - rows.keys():
            loaded.drop(target)
        for target, data in rows.items():
            loaded.put(target, data)

    def save(self, names: Iterable[str] | None = None) -> list[str]:
        """Writes what changed, durably, each file whole; removes shards without lines. Returns the paths.

        With `names`, only those shards: the others, config and weights wait for a later save.
        """
        among = self._loaded.keys() if names is None else self._loaded.keys() & set(names)
        changed = [self._loaded[name] for name in among if self._loaded[name].changed]
        files: dict[str, bytes | None] = {loaded.file: loaded.to_bytes() or None for loaded in changed}
        data = locks.to_bytes(self.config, self.weights)
        if names is None and data != self._locks_data:
            files[self._locks_file] = data
        if files:
            _write(self._root, files)
        if names is None:
            self._locks_data = data
        for loaded in changed:
            loaded.changed = False
        return sorted(files)

    def forget(self) -> None:
        """Lets go of what was read and is unchanged, so that memory does not grow with the project."""
        self._loaded = {name: loaded for name, loaded in self._loaded.items() if loaded.changed}
        self._proved.clear()

    def _where(self, target: str, path: str | None) -> list[str]:
        kind = target.split("/", 1)[0]
        if "/" not in target:
            return []
        if path is not None or kind != "exercises":
            return [shard_of(target, path or "")]
        return [name for name in self.shards() if name.startswith("exercises/")]

    def _shard(self, name: str) -> shard.Shard:
        loaded = self._loaded.get(name)
        if loaded is None:
            file = f"{self._content}/manifest/{name}.jsonl"
            loaded = self._loaded[name] = shard.read(self._read(file) or b"", file, f"{self._content}/images/")
            self.diagnostics += loaded.diagnostics
        return loaded

    def _parsed(self, loaded: shard.Shard, target: str) -> Line | None:
        data = loaded.rows[target]
        try:
            line = _line_of(data)
            reason = None if (loaded.file, target) in self._proved else self._fault(line)
        except ValueError as problem:
            reason = str(problem)
        if reason is None:
            self._proved.add((loaded.file, target))
            return line
        loaded.disbelieve(target)
        on_disk = (self._read(loaded.file) or b"").split(b"\n")
        place = on_disk.index(data) + 1 if data in on_disk else None
        message = f"this line of the manifest is ignored: {reason}"
        hint = "`calotype build` writes it again, from the asset and what is cached"
        self.diagnostics.append(warning("manifest-damaged", message, file=loaded.file, line=place, hint=hint))
        return None

    def _on_disk(self, kind: str) -> Iterator[str]:
        folder = f"{self._content}/manifest/{kind}"
        try:
            entries = os.listdir(self._root / folder)
        except OSError as problem:
            self._refuse_unreadable(folder, problem)
            return
        yield from (f"{kind}/{entry[:-6]}" for entry in entries if entry.endswith(".jsonl"))

    def _read(self, file: str) -> bytes | None:
        try:
            with open_file(self._root / file) as opened:
                data = opened.read()
        except OSError as problem:
            self._refuse_unreadable(file, problem)
            return None
        if data.startswith(LFS_POINTER):
            raise Problem(error("lfs", "is a Git LFS pointer", file=file, hint="run `git lfs pull`"))
        return data

    def _refuse_unreadable(self, path: str, problem: OSError) -> None:
        """Raises Problem where what should lie at `path` cannot be read; not where nothing is there at all."""
        place = hidden_by(self._root, path)
        if place is None and isinstance(problem, FileNotFoundError | NotADirectoryError):
            return
        reason = "is a link to nowhere, or no folder" if place is not None else problem.strerror
        raise Problem(error("manifest", f"the manifest cannot be read: {reason}", file=place or path,
                            hint="put it right: what is published, and why, stands there")) from None


def rows_of(manifest: Manifest, name: str) -> Mapping[str, bytes]:
    """The lines of one shard as they are written, by target; parses nothing."""
    return manifest._shard(name).rows


def line_in(manifest: Manifest, name: str, target: str) -> Line | None:
    """The line of `target` in one shard, or None."""
    loaded = manifest._shard(name)
    return manifest._parsed(loaded, target) if target in loaded.rows else None


def _holds(data: bytes, wanted: frozenset[bytes]) -> bool:
    if len(wanted) <= _FEW:
        return any(name in data for name in wanted)
    return not wanted.isdisjoint(data.split(b'"'))


def _readable(versions: Iterable[bytes]) -> Iterator[Line]:
    for data in versions:
        with suppress(ValueError):
            yield from_bytes(data)


def _slow_head(data: bytes) -> tuple[str, str, str]:
    """For a line that another hand wrote, in another order or spacing."""
    line = next(_readable([data]), None)
    return (line.target, line.path, line.sha256) if line else ("", "", "")


def _write(root: Path, files: dict[str, bytes | None]) -> None:
    """All are staged before the first takes its place, so that a full disk leaves the old manifest whole."""
    staged: list[tuple[Path, Path]] = []
    try:
        paths = {inside(root, file): data for file, data in files.items()}
        for folder in {path.parent for path in paths}:
            make_folder(folder)
            tidy(folder)
        for path, data in paths.items():
            if data is not None:
                staged.append((atomic.stage_bytes(path.parent, data), path))
        atomic.point("manifest-staged")
        for temporary, path in staged:
            atomic.replace(temporary, path)
            atomic.point("manifest-replaced")
        for path in (path for path, data in paths.items() if data is None):
            _remove(path)
        atomic.sync_directories(path.parent for path in paths if path.parent.exists())
    except (OSError, ValueError) as problem:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
        _refuse(problem)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    try:
        path.parent.rmdir()
    except OSError:
        return  # other shards are in it


def _refuse(problem: OSError | ValueError) -> NoReturn:
    reason = problem.strerror if isinstance(problem, OSError) else str(problem)
    hint = "nothing is lost: make room or mend the permissions, then build again"
    raise Problem(error("manifest", f"the manifest cannot be written: {reason}", hint=hint), EXIT_FAILED) from None
