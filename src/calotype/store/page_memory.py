"""What the contact sheets remember from one build to the next: texts by topic and name, in the state's database.

All of it but the memory of what changed can be made again by writing every page. `stamp` is there only while the rest
is whole: it is taken away before everything is written anew, and put back by `complete` if no row was lost meanwhile.
Nothing here is needed to look at a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from calotype.store.database import Database, checksum

if TYPE_CHECKING:
    import sqlite3

TABLES = ["CREATE TABLE page_memory (topic TEXT, name TEXT, value TEXT, sum BLOB, PRIMARY KEY (topic, name))"]
"""The step of the database's schema that makes room for it."""

Update = Mapping[tuple[str, str], str | None]
"""By topic and name the text to be remembered; None for what is to be forgotten."""

_STAMP, _WRITING = "stamp", ""
_LAST = "\U0010ffff"
_ALL = -1
_UPSERT = ("INSERT INTO page_memory VALUES (?, ?, ?, ?) ON CONFLICT (topic, name)"
           " DO UPDATE SET value = excluded.value, sum = excluded.sum")


class PageMemory:
    """The memory in `database`. A row that is not as it was written takes the whole database with it: half a memory
    would make pages that lack something. Writing raises OSError where the disk refuses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, topic: str, name: str) -> str | None:
        return self.items(topic, name, name).get(name)

    def items(self, topic: str, first: str = "", last: str = _LAST, limit: int = _ALL) -> dict[str, str]:
        """The texts of a topic by name, in the order of their names, from `first` to `last`, at most `limit`."""
        rows = self._database.select(
            "SELECT name, value, sum FROM page_memory WHERE topic = ? AND name BETWEEN ? AND ? ORDER BY name LIMIT ?",
            [topic, first, last, limit])
        if any(checksum(topic, name, value) != total for name, value, total in rows):
            self._database.distrust()
            return {}
        return {name: value for name, value, _ in rows}

    def put(self, update: Update) -> None:
        """Remembers `update`, durable on return, all of it or nothing."""
        if update:
            self._database.change(partial(apply, update=update))

    @property
    def stamp(self) -> str | None:
        """What the last writing of everything was stamped with; None unless the memory is whole."""
        return self.get(_STAMP, "") or None

    def begin(self, forget: tuple[str, ...]) -> None:
        """Everything is about to be written anew: takes the stamp away, and the topics that begin with one of
        `forget`."""
        self._database.change(partial(_begin, forget=forget))

    def complete(self, stamp: str) -> None:
        """Everything is written. Puts the stamp, unless the memory was lost since `begin`."""
        self._database.change(partial(_complete, stamp=stamp))


def apply(connection: sqlite3.Connection, update: Update) -> None:
    """Carries `update` out inside a transaction of the caller's, which may write down other things with it."""
    rows = [(*key, value, checksum(*key, value)) for key, value in update.items() if value is not None]
    connection.executemany("DELETE FROM page_memory WHERE topic = ? AND name = ?",
                           [key for key, value in update.items() if value is None])
    connection.executemany(_UPSERT, rows)


def _begin(connection: sqlite3.Connection, forget: tuple[str, ...]) -> None:
    for start in forget:
        connection.execute("DELETE FROM page_memory WHERE topic BETWEEN ? AND ?", (start, start + _LAST))
    apply(connection, {(_STAMP, ""): _WRITING})


def _complete(connection: sqlite3.Connection, stamp: str) -> None:
    begun = connection.execute("SELECT 1 FROM page_memory WHERE topic = ? AND value = ?", (_STAMP, _WRITING)).fetchone()
    if begun:
        apply(connection, {(_STAMP, ""): stamp})
