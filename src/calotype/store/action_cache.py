"""What actions gave, by their keys, and the traces of the keys. Must not know what any action does.

The first result of a key stands; another machine's later one is another truth about the same key.
"""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from calotype.ground.atomic import point
from calotype.ground.light_dataclass import dataclass
from calotype.store.database import MEMORY, Database, checksum

STEPS = [[
    "CREATE TABLE action (key BLOB PRIMARY KEY, kind TEXT, outputs TEXT, facts TEXT, created REAL, sum BLOB)",
    "CREATE TABLE trace (key BLOB PRIMARY KEY, components BLOB, sum BLOB)",
]]
_ACTION = "key, kind, outputs, facts, created, sum"
_AT_ONCE = 500
_RECENT = 2000
"""Of so many results the latest of a kind are looked for: a question about speed is not worth a walk through all."""

Row = tuple[str, str, bytes, Mapping[str, Any], Mapping[str, Any]]
"""(key, kind, components as canonical JSON, outputs, facts). Without components no trace of the key is kept."""


@dataclass(frozen=True, slots=True)
class Result:
    """What an action gave. `outputs`: digests, scores, sizes; `written_facts`: its facts, as JSON."""

    outputs: Mapping[str, Any]
    written_facts: str

    @property
    def facts(self) -> Mapping[str, Any]:
        """Seconds, device, versions. They are read when somebody asks, which planning does not."""
        facts: Mapping[str, Any] = json.loads(self.written_facts)
        return facts


class ActionCache:
    """The results kept at `path`. Keys are SHA-256, in hexadecimal.

    Raises Problem (exit 2) where a newer Calotype wrote the file, OSError where the disk refuses. A damaged
    file is put aside and begun afresh (`damaged` then names it); a damaged row is a miss.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, STEPS)
        self._is_empty = path == MEMORY

    @property
    def damaged(self) -> Path | None:
        return self._database.damaged

    def forget_damage(self) -> None:
        """See `Database.forget_damage`."""
        self._database.forget_damage()

    def get(self, key: str) -> Result | None:
        return self.get_many([key]).get(key)

    def get_many(self, keys: Iterable[str]) -> dict[str, Result]:
        """The results of those `keys` that have one."""
        found: dict[str, Result] = {}
        if self._is_empty:
            return found
        for some in _chunks(map(bytes.fromhex, dict.fromkeys(keys))):
            query = f"SELECT {_ACTION} FROM action WHERE key IN ({_marks(some)})"
            for key, kind, outputs, facts, created, total in self._database.select(query, some):
                if checksum(key, kind, outputs, facts, created) == total:
                    found[key.hex()] = Result(json.loads(outputs), facts)
        return found

    def put_many(self, rows: Iterable[Row]) -> None:
        """Keeps the results of keys that have none yet; durable on return."""
        self._is_empty = False
        for some in _chunks(rows):
            self._database.change(partial(_insert, rows=some))
            if len(self.get_many(row[0] for row in some)) < len({row[0] for row in some}):
                self._database.distrust()  # its index is damaged, and would lose these again and again
                self._database.change(partial(_insert, rows=some))
        point("action_cache.put")

    def components(self, key: str) -> bytes | None:
        """The trace of a key: the canonical JSON that it is the SHA-256 of."""
        for components, total in self._database.select(
                "SELECT components, sum FROM trace WHERE key = ?", [bytes.fromhex(key)]):
            if checksum(bytes.fromhex(key), components) == total:
                return zlib.decompress(components)
        return None

    def latest(self, kind: str, count: int) -> Iterator[tuple[str, bytes, float]]:
        """(key, components, seconds) of the latest actions of a kind that were performed here, `count` at most."""
        if self._is_empty:
            return
        query = (f"SELECT {_ACTION} FROM action WHERE kind = ? AND rowid > (SELECT max(rowid) FROM action) - {_RECENT}"
                 " ORDER BY rowid DESC LIMIT ?")
        for key, _, outputs, facts, created, total in self._database.select(query, [kind, count]):
            if checksum(key, kind, outputs, facts, created) != total:
                continue
            seconds, components = json.loads(facts).get("seconds"), self.components(key.hex())
            if components is not None and isinstance(seconds, int | float) and seconds > 0:
                yield key.hex(), components, float(seconds)

    def keys(self) -> Iterator[str]:
        """Every key with a result, in order."""
        for (key,) in self._database.select("SELECT key FROM action ORDER BY key"):
            if isinstance(key, bytes):
                yield key.hex()

    def remove(self, keys: Iterable[str]) -> None:
        """Forgets results and traces."""
        some = [(bytes.fromhex(key),) for key in keys]

        def delete(connection: sqlite3.Connection) -> None:
            connection.executemany("DELETE FROM action WHERE key = ?", some)
            connection.executemany("DELETE FROM trace WHERE key = ?", some)

        self._database.change(delete)

    def reopen_after_fork(self) -> None:
        self._database.reopen_after_fork()

    def close(self) -> None:
        self._database.close()


def _insert(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    """A row that another process has just put stays, and of several here with one key the first; one that cannot be
    read gives way."""
    results, traces, now = [], [], time.time()
    first: dict[str, Row] = {}
    for row in rows:
        first.setdefault(row[0], row)
    for name, kind, components, outputs, facts in first.values():
        key = bytes.fromhex(name)
        fields = (key, kind, json.dumps(outputs, sort_keys=True), json.dumps(facts, sort_keys=True), now)
        results.append((*fields, checksum(*fields)))
        if components:
            packed = zlib.compress(components, 1)
            traces.append((key, packed, checksum(key, packed)))
    keys = [row[0] for row in results]
    standing = {row[0] for row in connection.execute(
        f"SELECT {_ACTION} FROM action WHERE key IN ({_marks(keys)})", keys)
        if checksum(*row[:5]) == row[5]}
    connection.executemany("INSERT OR REPLACE INTO action VALUES (?, ?, ?, ?, ?, ?)",
                           [row for row in results if row[0] not in standing])
    connection.executemany("INSERT OR REPLACE INTO trace VALUES (?, ?, ?)",
                           [row for row in traces if row[0] not in standing])
    point("action_cache.inserted")


def _chunks(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _marks(some: Sequence[Any]) -> str:
    return ",".join("?" * len(some))
