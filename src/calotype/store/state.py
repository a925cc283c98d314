"""What a build remembers of files and specs, to spare the next one work. Must not know what a spec means.

All of it can be found again by reading everything: what is lost or damaged costs time only.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from calotype.ground.diagnostics import Diagnostic
from calotype.ground.digest import sha256_between
from calotype.ground.fingerprint import fingerprint_at, fingerprint_of, is_settled, measures, packed
from calotype.ground.light_dataclass import astuple, dataclass, replace
from calotype.ground.target_names import spec_key
from calotype.store import page_memory
from calotype.store.database import MEMORY, Database, bindable, checksum
from calotype.store.page_memory import PageMemory

STEPS = [[
    "CREATE TABLE memo (path TEXT PRIMARY KEY, size INT, mtime INT, ctime INT, inode INT, sha256 TEXT,"
    " pixels TEXT, sum BLOB) WITHOUT ROWID",
    "CREATE TABLE spec (number INTEGER PRIMARY KEY, file TEXT UNIQUE, sha256 TEXT, kind TEXT, id TEXT,"
    " targets TEXT, sum BLOB)",
    "CREATE INDEX spec_id ON spec (id, kind)",
    "CREATE TABLE asset (path INTEGER PRIMARY KEY, spec INTEGER)",
    "CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT, sum BLOB) WITHOUT ROWID",
], page_memory.TABLES, [
    "CREATE TABLE warning (file TEXT PRIMARY KEY, diagnostics TEXT, sum BLOB) WITHOUT ROWID",
], [
    "CREATE TABLE speaks_of (spec INTEGER, character TEXT, PRIMARY KEY (spec, character)) WITHOUT ROWID",
    "CREATE INDEX speaks_of_character ON speaks_of (character)",
]]
SHARED = ""
"""In the place of a spec's file: the warnings about what all specs share."""
_PENDING = 2000
_SMALL = 1024 * 1024
"""Bytes under which a file is read again rather than remembered by who only asks."""
_SPEC = "file, sha256, kind, id, targets"


@dataclass(frozen=True, slots=True)
class Memo:
    """What is known of a file that has this fingerprint. `pixels`: a form and its pixel digest, where that was
    asked for."""

    fingerprint: bytes
    sha256: str
    pixels: str | None = None

    def row(self) -> tuple[int, int, int, int, str, str | None]:
        return (*measures(self.fingerprint), self.sha256, self.pixels)


class SpecRow(Protocol):
    """What is remembered of a spec; `targets` are (target, asset path), `characters` the ids of those it speaks of."""

    @property
    def file(self) -> str: ...

    @property
    def sha256(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def id(self) -> str: ...

    @property
    def targets(self) -> Sequence[tuple[str, str]]: ...

    @property
    def characters(self) -> Sequence[str]: ...


class State:
    """The memory kept at `path`. Without `remember_small` only large files are remembered by their digests.

    Raises Problem (exit 2) where a newer Calotype wrote it, OSError where the disk refuses. A damaged file is
    put aside and begun afresh (`damaged` then names it).
    """

    def __init__(self, path: Path, *, remember_small: bool = True) -> None:
        self._database = Database(path, STEPS)
        self._in_memory, self._remember_small = path == MEMORY, remember_small
        self._pending: dict[str, Memo] = {}
        self.pages = PageMemory(self._database)

    @property
    def damaged(self) -> Path | None:
        return self._database.damaged

    def forget_damage(self) -> None:
        """See `Database.forget_damage`."""
        self._database.forget_damage()

    def digest(self, path: str | Path) -> str | None:
        """SHA-256 of a file, None where there is none.

        Not read again while size, times and inode stay as they were; unless it had changed within two seconds
        of being read, since a change in the same tick of a clock does not show.
        """
        memo = self._memo(path)
        return memo.sha256 if memo is not None else None

    def pixels(self, path: Path, form: str, decode: Callable[[Path], str]) -> str | None:
        """The pixel digest of a picture in a `form` of it, found by `decode`, remembered like `digest`. None: no such
        file."""
        memo = self._memo(path)
        if memo is None:
            return None
        known_form, _, digest = (memo.pixels or "").rpartition(" ")
        if known_form != form or not digest:
            digest = decode(path)
            self._remember(os.fspath(path), replace(memo, pixels=f"{form} {digest}"))
        return digest

    def file_of(self, kind: str, id: str) -> str | None:
        """The spec file of that kind and id."""
        rows = self._specs("id = ? AND kind = ?", [id, kind])
        return rows[0][0] if rows else None

    def key_of(self, file: str) -> str | None:
        """`exercises/chin_tuck`, for a spec file that is remembered."""
        rows = self._specs("file = ?", [file])
        return spec_key(rows[0][2], rows[0][3]) if rows else None

    def sha256_of(self, file: str) -> str | None:
        """SHA-256 of a spec file when it was looked into."""
        rows = self._specs("file = ?", [file])
        return rows[0][1] if rows else None

    def targets_of(self, file: str) -> list[tuple[str, str]]:
        """(target, asset path) of all that a spec file asked for, in its order."""
        rows = self._specs("file = ?", [file])
        return _targets(rows[0]) if rows else []

    def owner(self, path: str) -> str | None:
        """The spec file that asked for the asset at `path`."""
        rows = self._specs("number = (SELECT spec FROM asset WHERE path = ?)", [_number(path)])
        return next((row[0] for row in rows if any(asset == path for _, asset in _targets(row))), None)

    def speaking_of(self, character: str) -> list[str]:
        """The spec files that speak of the character with that id."""
        rows = self._specs("number IN (SELECT spec FROM speaks_of WHERE character = ?)", [character])
        return sorted(row[0] for row in rows)

    def spec_files(self) -> list[str]:
        """Every spec file that is remembered, sorted."""
        return sorted(row[0] for row in self._specs("TRUE", []))

    def targets(self) -> dict[str, list[tuple[str, str]]]:
        """(target, asset path) of all that each spec file asked for, by file, sorted."""
        return {row[0]: _targets(row) for row in sorted(self._specs("TRUE", []))}

    def complete(self) -> bool:
        """Whether every spec of the project was looked into at some time, and none forgotten since."""
        return self._fact("targets") is not None

    def count(self) -> int:
        """How many targets all specs ask for."""
        return int(self._fact("targets") or 0)

    def warnings(self) -> dict[str, list[Diagnostic]]:
        """The warnings about each spec file, as of when it was looked into; those of SHARED among them."""
        rows = self._database.select("SELECT file, diagnostics, sum FROM warning")
        if any(checksum(*row[:-1]) != row[-1] for row in rows):
            self._database.distrust()
            return {}
        return {file: [Diagnostic(*fields) for fields in json.loads(text)] for file, text, _ in rows}

    def put_specs(
        self, rows: Iterable[SpecRow], gone: Iterable[str] = (), whole: bool = False,
        warnings: Mapping[str, Sequence[Diagnostic]] | None = None, pages: page_memory.Update | None = None,
    ) -> None:
        """Remembers `rows` and the `warnings` about them by file, and forgets the files `gone`, durably. `whole`: these
        are all specs that there are. `pages`, and the digests found since the last time, go into the same transaction:
        each costs the disk some milliseconds."""
        pending, self._pending = self._pending, {}
        specs, files, table = list(rows), list(gone), dict(warnings or {})
        if not whole:
            table.pop(SHARED, None)  # what specs share was not looked into

        def put(connection: sqlite3.Connection) -> None:
            _put_memos(connection, pending)
            page_memory.apply(connection, pages or {})
            _put_specs(connection, specs, files, whole)
            _put_warnings(connection, [*files, *(spec.file for spec in specs)], whole, table)

        self._database.change(put)

    def validated(self, key: str) -> list[Diagnostic] | None:
        """What was found when the project under `key` was validated, or None."""
        text = self._fact("validated")
        validated = json.loads(text) if text is not None else {}
        return [Diagnostic(*fields) for fields in validated["diagnostics"]] if validated.get("key") == key else None

    def put_validated(self, key: str, diagnostics: Iterable[Diagnostic]) -> None:
        """Remembers what a validation has found; `key` says of what. A disk that refuses costs only memory."""
        value = json.dumps({"key": key, "diagnostics": [astuple(diagnostic) for diagnostic in diagnostics]})
        with suppress(OSError):
            self._database.change(partial(_put_fact, name="validated", value=value))

    def flush(self) -> None:
        """Writes down the digests found since the last time; a disk that refuses costs only memory."""
        if self._in_memory:
            return
        pending, self._pending = self._pending, {}
        if pending:
            with suppress(OSError):
                self._database.change(partial(_put_memos, memos=pending))

    def reopen_after_fork(self) -> None:
        self._pending = {}
        self._database.reopen_after_fork()

    def close(self) -> None:
        self.flush()
        self._database.close()

    def _memo(self, path: str | Path) -> Memo | None:
        name = os.fspath(path)
        try:
            memo = self._pending.get(name) or self._remembered(name)
            if memo is not None and memo.fingerprint == fingerprint_at(name):
                return memo
            before, digest, after = sha256_between(name)
        except (FileNotFoundError, NotADirectoryError):
            return None
        memo = Memo(fingerprint_of(before), digest)
        if memo.fingerprint == fingerprint_of(after):
            self._remember(name, memo)
        return memo

    def _remember(self, name: str, memo: Memo) -> None:
        if not self._remember_small and measures(memo.fingerprint)[0] < _SMALL:
            return  # to read it again costs less than a question that leaves something behind
        if is_settled(memo.fingerprint, time.time_ns(), same_clock=False):
            self._pending[name] = memo
            if len(self._pending) >= _PENDING and not self._in_memory:
                self.flush()

    def _remembered(self, name: str) -> Memo | None:
        if self._in_memory:
            return None
        query = "SELECT size, mtime, ctime, inode, sha256, pixels, sum FROM memo WHERE path = ?"
        for *row, total in self._database.select(query, [name]):
            if checksum(name, *row) == total:
                return Memo(packed(row[:4]), *row[4:])
        return None

    def _specs(self, where: str, values: list[Any]) -> list[tuple[str, str, str, str, str]]:
        """Rows of specs. One that is not as it was written takes all others with it: to miss one would be as
        wrong as to make one up."""
        rows = self._database.select(f"SELECT {_SPEC}, sum FROM spec WHERE {where}", values)
        if any(checksum(*row[:-1]) != row[-1] for row in rows):
            self._database.distrust()
            return []
        return [row[:-1] for row in rows]

    def _fact(self, name: str) -> str | None:
        for value, total in self._database.select("SELECT value, sum FROM fact WHERE name = ?", [name]):
            if checksum(name, value) == total:
                return str(value)
            self._database.distrust()
        return None


def _put_memos(connection: sqlite3.Connection, memos: Mapping[str, Memo]) -> None:
    connection.executemany("INSERT OR REPLACE INTO memo VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                           [(bindable(path), *memo.row(), checksum(path, *memo.row())) for path, memo in memos.items()])


def _put_specs(connection: sqlite3.Connection, rows: list[SpecRow], gone: list[str], whole: bool) -> None:
    if whole:
        total: int | None = 0
        for table in ("spec", "asset", "speaks_of"):
            connection.execute(f"DELETE FROM {table}")
    else:
        fact = connection.execute("SELECT value FROM fact WHERE name = 'targets'").fetchone()
        total = int(fact[0]) if fact else None
        dropped = sum(_forget(connection, file) for file in [*gone, *(row.file for row in rows)])
        total = total - dropped if total is not None else None
    count = sum(_keep(connection, row) for row in rows)
    if total is not None:
        _put_fact(connection, "targets", str(total + count))


def _put_warnings(
    connection: sqlite3.Connection, files: list[str], whole: bool, warnings: dict[str, Sequence[Diagnostic]]
) -> None:
    """Keeps the `warnings` about `files`, in the place of those that were kept of them (`whole`: of any)."""
    if whole:
        connection.execute("DELETE FROM warning")
    else:
        connection.executemany("DELETE FROM warning WHERE file = ?", [(file,) for file in files])
    texts = {file: json.dumps([astuple(each) for each in faults]) for file, faults in warnings.items() if faults}
    connection.executemany("INSERT OR REPLACE INTO warning VALUES (?, ?, ?)",
                           [(file, text, checksum(file, text)) for file, text in texts.items()])


def _put_fact(connection: sqlite3.Connection, name: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?, ?)", (name, value, checksum(name, value)))


def _keep(connection: sqlite3.Connection, row: SpecRow) -> int:
    fields = (row.file, row.sha256, row.kind, row.id, json.dumps([list(target) for target in row.targets]))
    number = connection.execute(f"INSERT INTO spec ({_SPEC}, sum) VALUES (?, ?, ?, ?, ?, ?)",
                                (*fields, checksum(*fields))).lastrowid
    connection.executemany("INSERT OR REPLACE INTO asset VALUES (?, ?)",
                           [(_number(path), number) for _, path in row.targets])
    connection.executemany("INSERT INTO speaks_of VALUES (?, ?)", [(number, name) for name in set(row.characters)])
    return len(row.targets)


def _forget(connection: sqlite3.Connection, file: str) -> int:
    """Drops a spec file's row; returns how many targets it had."""
    record = connection.execute(f"SELECT number, {_SPEC} FROM spec WHERE file = ?", (file,)).fetchone()
    if record is None:
        return 0
    number, *row = record
    targets = _targets(row)
    connection.executemany("DELETE FROM asset WHERE path = ? AND spec = ?",
                           [(_number(path), number) for _, path in targets])
    for statement in ("DELETE FROM speaks_of WHERE spec = ?", "DELETE FROM spec WHERE number = ?"):
        connection.execute(statement, (number,))
    return len(targets)


def _targets(row: Sequence[str]) -> list[tuple[str, str]]:
    return [(target, path) for target, path in json.loads(row[4])]


def _number(path: str) -> int:
    """64 bits of a path's digest, to look it up by; whoever finds a spec by it compares the path itself."""
    name = path.encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big", signed=True)
