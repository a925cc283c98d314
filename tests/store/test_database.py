"""Databases that a stranger may have prepared: opening one touches no file but its own."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from calotype.store.database import Database

STEPS = [["CREATE TABLE fact (name TEXT)"]]
MAGIC = bytes.fromhex("d9d505f920a163d7")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with one row."""
    database = Database(tmp_path / "cache/facts.db", STEPS)
    database.change(lambda connection: connection.execute("INSERT INTO fact VALUES ('one')"))
    database.close()
    return tmp_path / "cache/facts.db"


def journal_over(file: Path, other: Path) -> bytes:
    """The journal of a transaction over several databases, of which `other` is the super-journal: SQLite takes it for
    one that a crash left behind, rolls it back and deletes `other`."""
    page = 4096
    pages = file.stat().st_size // page
    head = MAGIC + b"".join(number.to_bytes(4, "big") for number in (0, 0x1234, pages, 512, page))
    name = str(other).encode()
    lock_page = (0x40000000 // page + 1).to_bytes(4, "big")
    return head.ljust(512, b"\0") + lock_page + name + len(name).to_bytes(4, "big") + sum(name).to_bytes(4, "big") + MAGIC


def test_sqlite_itself_deletes_the_file_that_a_journal_names(file: Path, tmp_path: Path) -> None:
    victim = tmp_path / "thesis.txt"
    victim.write_text("years of work")
    Path(f"{file}-journal").write_bytes(journal_over(file, victim))
    connection = sqlite3.connect(file)
    connection.execute("SELECT * FROM fact").fetchall()
    connection.close()
    assert not victim.exists(), "the test below shows nothing any more"


def test_a_journal_that_names_another_file_is_set_aside_with_its_database(file: Path, tmp_path: Path) -> None:
    victim = tmp_path / "thesis.txt"
    victim.write_text("years of work")
    Path(f"{file}-journal").write_bytes(journal_over(file, victim))
    database = Database(file, STEPS)
    assert database.select("SELECT * FROM fact") == []
    assert database.damaged == file.parent / "damaged/facts.db"
    assert victim.read_text() == "years of work"
    database.close()
    assert Database(file, STEPS).damaged is None


def test_a_journal_that_a_crash_left_is_rolled_back(file: Path) -> None:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("PRAGMA cache_size = 1")
    connection.executemany("INSERT INTO fact VALUES (?)", [("x" * 4000,)] * 50)
    half_written, journal = file.read_bytes(), Path(f"{file}-journal").read_bytes()
    connection.execute("ROLLBACK")
    connection.close()
    file.write_bytes(half_written)
    Path(f"{file}-journal").write_bytes(journal)
    database = Database(file, STEPS)
    assert (database.select("SELECT * FROM fact"), database.damaged) == ([("one",)], None)
