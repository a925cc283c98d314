"""Blobs by their digest, through kills, damage and refusing disks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from calotype.ground.digest import sha256
from calotype.store.cas import Cas


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def test_bytes_come_back_by_their_digest(tmp_path: Path) -> None:
    cas = Cas(tmp_path)
    digest = cas.put(b"data")
    cas.sync()
    assert digest == sha256(b"data")
    assert cas.get(digest) == b"data" and cas.has(digest) and cas.size(digest) == 4
    assert cas.path(digest) == tmp_path / "cas" / digest[:2] / digest[2:]


def test_a_link_in_a_blob_s_place_is_damage_whatever_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "same").write_bytes(b"data")
    damaged: list[str] = []
    cas, digest = Cas(tmp_path / "cache", damaged.append), sha256(b"data")
    cas.path(digest).parent.mkdir(parents=True)
    cas.path(digest).symlink_to(tmp_path / "same")
    assert not cas.has(digest) and cas.get(digest) is None and damaged == [digest]
    cas.path(digest).symlink_to(tmp_path / "same")
    assert cas.put(b"data") == digest and damaged == [digest, digest]
    cas.sync()
    assert cas.get(digest) == b"data" and not cas.path(digest).is_symlink()


def test_what_is_not_there_is_a_miss(tmp_path: Path) -> None:
    cas = Cas(tmp_path)
    assert cas.get("0" * 64) is None and not cas.has("0" * 64) and cas.size("0" * 64) == 0
    assert list(cas.digests()) == [] and list(cas.verify()) == []
    cas.remove("0" * 64)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_what_is_no_digest_leads_nowhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError):
        Cas(tmp_path).path(name)


def test_equal_bytes_are_kept_once(tmp_path: Path) -> None:
    cas = Cas(tmp_path)
    digest = cas.put(b"data")
    before = cas.path(digest).stat().st_ino
    assert cas.put(b"data") == digest
    assert cas.path(digest).stat().st_ino == before
    assert files(tmp_path) == [cas.path(digest)]


def test_a_flipped_bit_is_a_miss_and_is_reported_and_kept_aside(tmp_path: Path) -> None:
    reported: list[str] = []
    cas = Cas(tmp_path, reported.append)
    digest = cas.put(b"data")
    for bit in range(32):
        flip(cas.path(digest), bit)
        assert cas.get(digest) is None
        assert not cas.has(digest) and (tmp_path / "damaged" / digest).exists()
        assert cas.put(b"data") == digest and cas.get(digest) == b"data"
    assert reported == [digest] * 32


def test_a_blob_cut_off_anywhere_is_a_miss(tmp_path: Path) -> None:
    cas = Cas(tmp_path)
    for length in range(8):
        digest = cas.put(b"the data")
        os.truncate(cas.path(digest), length)
        assert cas.get(digest) is None


def test_a_damaged_blob_is_mended_by_the_same_bytes(tmp_path: Path) -> None:
    cas = Cas(tmp_path)
    digest = cas.put(b"data")
    flip(cas.path(digest), 3)
    cas.put(b"data")
    assert cas.get(digest) == b"data"


def test_verify_names_what_is_damaged(tmp_path: Path) -> None:
    cas = Cas(tmp_path)
    digests = sorted(cas.put(bytes([number])) for number in range(20))
    flip(cas.path(digests[7]), 0)
    assert list(cas.digests()) == digests
    assert list(cas.verify()) == [digests[7]]
    assert list(cas.verify()) == []
    cas.remove(digests[0])
    assert list(cas.digests()) == digests[1:7] + digests[8:]


def test_many_blobs_are_synced_together(tmp_path: Path) -> None:
    cas = Cas(tmp_path)
    digests = [cas.put(bytes([number])) for number in range(100)]
    cas.remove(digests[3])
    cas.sync()
    cas.sync()
    assert cas.get(digests[99]) == bytes([99])


@pytest.mark.parametrize("instant", ["cas.staged:3", "cas.renamed:3", "cas.synced"])
def test_a_kill_leaves_only_whole_blobs(tmp_path: Path, instant: str) -> None:
    script = ("import sys, pathlib\nfrom calotype.store.cas import Cas\ncas = Cas(pathlib.Path(sys.argv[1]))\n"
              "for number in range(5): cas.put(bytes([number]) * 1000)\ncas.sync()")
    environment = {**os.environ, "CALOTYPE_KILL_AT": instant}
    run = subprocess.run([sys.executable, "-c", script, tmp_path], env=environment)
    assert run.returncode == -signal.SIGKILL
    cas = Cas(tmp_path)
    assert list(cas.verify()) == []
    assert len(list(cas.digests())) == {"cas.staged:3": 2, "cas.renamed:3": 3, "cas.synced": 5}[instant]


def test_what_a_kill_left_half_written_is_swept_after_an_hour(tmp_path: Path) -> None:
    cas = Cas(tmp_path)
    cas.put(b"data")
    left = tmp_path / "cas" / "tmp" / ".calotype-1-2-3.tmp"
    left.write_bytes(b"half")
    cas.sweep()
    assert left.exists()
    os.utime(left, (time.time() - 4000, time.time() - 4000))
    cas.sweep()
    assert not left.exists() and len(list(cas.digests())) == 1


def test_two_processes_that_put_the_same_end_well(tmp_path: Path) -> None:
    script = ("import sys, pathlib\nfrom calotype.store.cas import Cas\ncas = Cas(pathlib.Path(sys.argv[1]))\n"
              "for number in range(300): cas.put(str(number).encode() * 50)\ncas.sync()")
    processes = [subprocess.Popen([sys.executable, "-c", script, tmp_path]) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    cas = Cas(tmp_path)
    assert list(cas.verify()) == [] and len(list(cas.digests())) == 300
    assert len(files(tmp_path)) == 300


def test_a_disk_that_refuses_leaves_nothing_under_a_blobs_name(tmp_path: Path) -> None:
    cas = Cas(tmp_path)
    digest = sha256(b"data")
    (tmp_path / "cas").mkdir()
    (tmp_path / "cas" / digest[:2]).write_bytes(b"a file where a folder should be")
    with pytest.raises(OSError):
        cas.put(b"data")
    assert files(tmp_path) == [tmp_path / "cas" / digest[:2]]
    (tmp_path / "cas" / digest[:2]).unlink()
    assert cas.get(cas.put(b"data")) == b"data"
