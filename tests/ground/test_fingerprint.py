"""What one `stat` says of a file, and when it may be believed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from calotype.ground.fingerprint import (
    WIDTH,
    fingerprint_at,
    fingerprint_of,
    is_settled,
    measures,
    packed,
)

SECOND, NOON = 1_000_000_000, 1_700_000_000_000_000_000


def changed_at(nanoseconds: int) -> bytes:
    return packed((7, nanoseconds, nanoseconds, 1))


@pytest.mark.parametrize("change", ["edit", "same size and time", "touch", "replaced"])
def test_every_change_of_a_file_shows(tmp_path: Path, change: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"data")
    os.utime(file, ns=(NOON, NOON))
    before = fingerprint_at(file)
    if change == "edit":
        file.write_bytes(b"longer data")
    elif change == "same size and time":
        (tmp_path / "other").write_bytes(b"atad")
        os.utime(tmp_path / "other", ns=(NOON, NOON))
        (tmp_path / "other").replace(file)
    elif change == "touch":
        file.touch()
    else:
        (tmp_path / "other").write_bytes(b"data")
        (tmp_path / "other").replace(file)
    assert fingerprint_at(file) != before


def test_it_holds_what_stat_tells_in_32_bytes(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"data")
    status = file.stat()
    found = fingerprint_of(status)
    assert len(found) == WIDTH == 32
    assert measures(found) == (4, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    assert packed(measures(found)) == found


def test_an_inode_of_64_bits_keeps_its_low_63() -> None:
    assert measures(packed((1, 2, 3, 2**63 + 5))) == (1, 2, 3, 5)


def test_whole_seconds_are_trusted_after_two_of_them() -> None:
    assert not is_settled(changed_at(NOON), NOON + 2 * SECOND)
    assert not is_settled(changed_at(NOON), NOON + 2 * SECOND, ours=True)
    assert is_settled(changed_at(NOON), NOON + 2 * SECOND + 1)


def test_finer_times_are_trusted_sooner_and_our_own_files_at_once() -> None:
    assert not is_settled(changed_at(NOON + 1), NOON + SECOND // 50)
    assert is_settled(changed_at(NOON + 1), NOON + SECOND // 10)
    assert is_settled(changed_at(NOON + 1), NOON + 1, ours=True)


def test_by_another_clock_the_longest_tick_is_allowed_for() -> None:
    assert not is_settled(changed_at(NOON + 1), NOON + 2 * SECOND, same_clock=False)
    assert is_settled(changed_at(NOON + 1), NOON + 2 * SECOND + 2, same_clock=False)
