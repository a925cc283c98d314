"""Results that the database could not take: kept in room that was there before, and found whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from calotype.store.action_cache import Row
from calotype.store.unrecorded import ROOM, Unrecorded


def row(number: int) -> Row:
    return f"{number:064x}", "render", b'{"request": {}}', {"blob": "b" * 64, "width": 16}, {"seconds": 0.5}


@pytest.fixture
def kept(tmp_path: Path) -> Unrecorded:
    kept = Unrecorded(tmp_path / "cache/unrecorded")
    kept.reserve()
    return kept


def test_what_is_kept_is_found_by_another_process_in_its_order(kept: Unrecorded, tmp_path: Path) -> None:
    kept.put([row(1), row(2)])
    kept.put([row(3)])
    assert Unrecorded(tmp_path / "cache/unrecorded").rows() == [row(1), row(2), row(3)]


def test_it_needs_no_more_room_than_was_made(kept: Unrecorded, tmp_path: Path) -> None:
    file = tmp_path / "cache/unrecorded"
    assert file.stat().st_size == ROOM
    kept.put([row(number) for number in range(100)])
    assert file.stat().st_size == ROOM
    kept.clear()
    assert (kept.rows(), file.stat().st_size) == ([], ROOM)
    kept.put([row(4)])
    assert kept.rows() == [row(4)]


def test_a_record_that_was_cut_short_takes_none_before_it_along(kept: Unrecorded, tmp_path: Path) -> None:
    kept.put([row(1)])
    whole = (tmp_path / "cache/unrecorded").read_bytes()
    kept.put([row(2)])
    longer = (tmp_path / "cache/unrecorded").read_bytes()
    start, end = (len(data.rstrip(b"\0")) for data in (whole, longer))
    for cut in range(start, end - 1):
        (tmp_path / "cache/unrecorded").write_bytes(longer[:cut].ljust(ROOM, b"\0"))
        assert kept.rows() == [row(1)]


def test_what_is_no_record_is_nothing(tmp_path: Path) -> None:
    file = tmp_path / "unrecorded"
    for data in (b"", b"\0", os.urandom(300), b"\0\0\0\1" + b"0" * 65, b"\xff" * 500):
        file.write_bytes(data)
        assert Unrecorded(file).rows() == []


def test_what_stands_there_and_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("pipe", "link"):
        kept = Unrecorded(tmp_path / name)
        assert kept.rows() == []
        with pytest.raises(OSError):
            kept.reserve()
    assert not (tmp_path / "elsewhere").exists()
