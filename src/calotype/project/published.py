"""What the manifest says of actions: the published tier of `store.results`. Must not know the caches.

A line tells the file of its picked render, the pixel digests of the candidates that lost, and the outputs of everything
upstream: maps, scores, texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from calotype.ground.light_dataclass import dataclass, field
from calotype.ground.paths import on_disk
from calotype.project.asset_files import AssetFiles
from calotype.results.publish.line import Line, glance, is_usable
from calotype.results.publish.manifest import Manifest, line_in, rows_of
from calotype.store.results import LineRecords, Record

Place = tuple[str, str]
"""Target and path of a line."""


class PublishedActions:
    """The records of all lines, indexed when a key is first searched there. With `complete` the caches hold all that
    the manifest tells, and no line is searched."""

    def __init__(self, root: Path, manifest: Manifest, assets: AssetFiles) -> None:
        self._root, self._manifest, self._assets = root, manifest, assets
        self._records: dict[bytes, list[Record]] | None = None
        self._named: _Named | None = None
        self._gone: list[str] | None = None
        self.complete = False

    def records(self, key: str) -> Sequence[Record]:
        if self.complete:
            return ()
        return self._index().get(_packed(key), ())

    def file(self, path: str, blob: str, pixels: str) -> Path | None:
        holds = self._assets.digest(path) == blob or self._assets.shows(path, pixels)
        return self._root / path if holds else None

    def holders(self, key: str) -> Iterator[Line]:
        """The lines whose picture is the render `key`, those that a merge left undecided among them."""
        for target, path in self._names().renders.get(_packed(key), ()):
            line = self._manifest.line(target, path)
            for each in (line,) if line is not None else self._manifest.disputed(target, path):
                if each.path == path and each.action == key:
                    yield each

    def of_spec(self, file: str) -> Sequence[str]:
        """The targets that are published of a spec, by its file as lines tell it."""
        return self._names().specs.get(file, ())

    def gone_specs(self) -> Sequence[str]:
        """The spec files, as lines tell them, that are there no more."""
        if self._gone is None and not self.complete:
            specs = self._names().specs
            self._gone = [spec for spec in specs if not (self._root / on_disk(self._root, spec)).is_file()]
        return self._gone or ()

    def forget(self) -> None:
        """Lets go of what was indexed; it is made again when it is asked for."""
        self._records, self._named, self._gone = None, None, None

    def _index(self) -> dict[bytes, list[Record]]:
        if self._records is None:
            self._records = {}
            for line in _every(self._manifest):
                for key, records in records_of(line).items():
                    self._records.setdefault(_packed(key), []).extend(records)
        return self._records

    def _names(self) -> _Named:
        if self.complete:
            return _Named()
        if self._named is None:
            self._named = _named(self._manifest)
        return self._named


@dataclass(frozen=True, slots=True)
class _Named:
    """The places of lines by the packed key of the render that they show, and their targets by spec file. Nothing of
    it is believed yet: a line that Calotype wrote is not parsed for it."""

    renders: dict[bytes, list[Place]] = field(default_factory=dict)
    specs: dict[str, list[str]] = field(default_factory=dict)

    def add(self, target: str, path: str, render: str, spec: str) -> None:
        self.renders.setdefault(_packed(render), []).append((target, path))
        self.specs.setdefault(spec, []).append(target)


def _named(manifest: Manifest) -> _Named:
    named = _Named()
    for shard in manifest.shards():
        for target, row in list(rows_of(manifest, shard).items()):
            seen = glance(row)
            line = line_in(manifest, shard, target) if seen is None else None
            if seen is not None:
                named.add(target, *seen)
            elif line is not None:
                named.add(target, line.path, line.action, line.spec)
        for line in manifest.disputed_in(shard):
            named.add(line.target, line.path, line.action, line.spec)
    return named


def records_of(line: Line | None, *, proved: bool = False) -> LineRecords:
    """What one line tells, by key. A picked render is told by its file before it is told as a candidate. `proved`: the
    line's file was just read, and shows what the line says."""
    if line is None:
        return {}
    records = {upstream.action: [Record(upstream.output)] for upstream in line.upstream if is_usable(upstream)}
    for candidate in line.candidates:
        records[candidate.action] = [Record(candidate.pixels)]
    records[line.action] = [Record(line.pixels, line.sha256, line.path, proved)]
    return records


def _packed(key: str) -> bytes:
    """Half the memory of the text; a damaged line may hold what is no digest."""
    try:
        return bytes.fromhex(key)
    except ValueError:
        return key.encode()


def _every(manifest: Manifest) -> Iterator[Line]:
    for shard in manifest.shards():
        yield from manifest.lines(shard)
        yield from manifest.disputed_in(shard)
