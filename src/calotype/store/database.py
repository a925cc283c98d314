"""SQLite files that either answer truly or are empty. Must not know what is kept in them.

A rollback journal, not a write-ahead log: it needs no shared memory, leaves one file to copy or delete, and a
log cut short under a half-written database could pass for an older whole one. Committed is durable. What a
killed process left is rolled back by the next to open.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from calotype.ground.atomic import replace
from calotype.ground.diagnostics import Problem, error
from calotype.ground.files import open_file
from calotype.ground.lock import lock

T = TypeVar("T")

DAMAGED = "damaged"
MEMORY = Path(":memory:")
"""The path of a database that is empty, and leaves nothing behind."""
_TAG = 0x0CA10000
_MAGIC = bytes.fromhex("d9d505f920a163d7")
_ERRORS = (sqlite3.Error, UnicodeDecodeError)  # the latter where a damaged name is part of an error's message
_BUSY_SECONDS = 60.0
_REFUSALS = {
    sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_READONLY: errno.EROFS, sqlite3.SQLITE_IOERR: errno.EIO,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES, sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_BUSY: errno.EBUSY, sqlite3.SQLITE_NOMEM: errno.ENOMEM, sqlite3.SQLITE_LOCKED: errno.EBUSY,
}


class Database:
    """The SQLite file at `path`. `steps[n]` are the statements that lead from schema version n to n + 1.

    A file that is damaged is moved to `damaged/` beside it and begun afresh, and `damaged` then says where it
    lies. Raises Problem (exit 2) for a newer schema, OSError where the disk refuses.
    """

    def __init__(self, path: Path, steps: Sequence[Sequence[str]]) -> None:
        self._path, self._steps = path, steps
        self.damaged: Path | None = None
        self._connection: sqlite3.Connection | None = None
        self._inherited: sqlite3.Connection | None = None
        self._inode: int | None = None
        self._guarded(lambda connection: None)

    def select(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        """The rows of a query; none where the file turns out to be damaged."""
        bound = [bindable(value) for value in values]
        return self._guarded(lambda connection: connection.execute(query, bound).fetchall())

    def change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `work` in one transaction, durable on return; on damage, again on an empty database."""
        def transaction(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    with suppress(sqlite3.Error):
                        connection.execute("ROLLBACK")
                raise
            return result

        return self._guarded(transaction)

    def distrust(self) -> None:
        """Moves the file aside: a caller has read in it what it never wrote."""
        self._start_afresh()

    def forget_damage(self) -> None:
        """What was damaged has been reported, and made up for: from here on the file counts as sound."""
        self.damaged = None

    def reopen_after_fork(self) -> None:
        """In a forked process: leaves the connection to the process that made it, and opens one of its own."""
        if self._path != MEMORY:
            self._inherited, self._connection = self._connection, None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # collected by another thread: the connection closes as it goes
            self.close()

    def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._open())
        except _ERRORS as cause:
            if not self._is_damage(cause):
                raise self._refusal(cause) from cause
        self._start_afresh()
        try:
            return work(self._open())
        except _ERRORS as cause:
            raise self._refusal(cause) from cause

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            if self._path != MEMORY:
                self._create()
                if _names_another(f"{self._path}-journal"):
                    raise sqlite3.DatabaseError("its journal names a file to be deleted")
            connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            connection.text_factory = _text
            try:
                self._inode = self._inode_now()
                for pragma in ("journal_mode=TRUNCATE", "synchronous=FULL", "cell_size_check=ON"):
                    connection.execute(f"PRAGMA {pragma}")
                self._bring_up_to_date(connection)
                self._inode = self._inode_now()
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _create(self) -> None:
        """Makes the file where it is missing, with any new file's mode, which SQLite gives to its journal as well: by
        itself it would let nobody but the owner write, whatever the umask allows the group."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o666))
        except OSError:  # SQLite says what is wrong with it
            return

    def _bring_up_to_date(self, connection: sqlite3.Connection) -> None:
        if _version(connection) == len(self._steps):
            self._check_schema(connection)
            return
        connection.execute("BEGIN IMMEDIATE")
        version = _version(connection)
        if version > len(self._steps):
            raise Problem(error(
                "newer-cache", f"a newer Calotype wrote it: schema {version}, not {len(self._steps)}",
                file=self._path.name, hint=f"upgrade Calotype, or delete {self._path}"))
        for step in self._steps[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={len(self._steps)}")
        connection.execute(f"PRAGMA application_id={_TAG + len(self._steps)}")
        connection.execute("COMMIT")

    def _check_schema(self, connection: sqlite3.Connection) -> None:
        """A damaged schema may still work, and then loses what it is given."""
        statements = {sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
        if statements != {statement for step in self._steps for statement in step}:
            raise sqlite3.DatabaseError("not the schema that was written")

    def _start_afresh(self) -> None:
        """Moves the file aside, unless another process has done so since it was opened here."""
        self.close()
        with lock(self._path.with_name(f"{self._path.name}.lock")):
            if self._inode is not None and self._inode_now() not in (None, self._inode):
                return
            aside = self._path.parent / DAMAGED / self._path.name
            aside.parent.mkdir(exist_ok=True)
            for suffix in ("-journal", ""):  # the journal first: it must not meet a new database
                with suppress(FileNotFoundError):
                    replace(f"{self._path}{suffix}", f"{aside}{suffix}")
            self.damaged = aside

    def _inode_now(self) -> int | None:
        try:
            return os.stat(self._path).st_ino
        except FileNotFoundError:
            return None

    def _is_damage(self, cause: Exception) -> bool:
        """Whether an error speaks of the file's content; a statement of ours fails at a wrong schema."""
        code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        if code & 0xFF == sqlite3.SQLITE_READONLY:  # the header says so, or another process moved it
            return all(os.access(place, os.W_OK) for place in (self._path.parent, self._path))
        return code & 0xFF not in _REFUSALS or code == sqlite3.SQLITE_IOERR_SHORT_READ

    def _refusal(self, cause: Exception) -> OSError:
        code = _REFUSALS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, errno.EIO)
        return OSError(code, str(cause), str(self._path))


def _names_another(journal: str) -> bool:
    """Whether a journal ends with the name of another one, as that of a transaction over several databases does.

    None of ours does, and SQLite deletes the file of that name, wherever it lies: a repository may bring its cache
    along.

    Its last bytes are, by `writeSuperJournal` in SQLite's pager.c: the name, its length and its sum, four bytes each,
    and the magic number.
    """
    try:
        with open_file(journal, follow=False) as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - len(_MAGIC)))
            return file.read() == _MAGIC
    except OSError:
        return False


def bindable(value: Any) -> Any:
    """A value as SQLite takes it: a path that is no UTF-8 as the bytes that the system calls it by."""
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogateescape")
    return value


def checksum(*fields: str | bytes | int | float | None) -> bytes:
    """Eight bytes that tell a row as it was written from one that was damaged since."""
    return hashlib.blake2b(repr(fields).encode(), digest_size=8).digest()


def _text(data: bytes) -> str:
    """Text as it was written, or text that fails its row's checksum."""
    return data.decode("utf-8", "replace")


def _version(connection: sqlite3.Connection) -> int:
    """The schema's version; 0 for an empty file. Two numbers must agree on it, else the file is damaged."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tag,) = connection.execute("PRAGMA application_id").fetchone()
    if version == tag == 0 and not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
        return 0
    if version < 1 or tag != _TAG + version:
        raise sqlite3.DatabaseError("not a database of Calotype's")
    return int(version)
