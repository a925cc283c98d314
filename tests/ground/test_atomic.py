"""Writes that are whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from calotype.ground import atomic


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    atomic.write_bytes(tmp_path / "a" / "b" / "file", b"data")
    assert (tmp_path / "a/b/file").read_bytes() == b"data"
    assert os.listdir(tmp_path / "a/b") == ["file"]


def test_a_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    atomic.write_bytes(tmp_path / "ours", b"")
    (tmp_path / "theirs").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


@pytest.mark.parametrize("instant", ["atomic.staged", "atomic.renamed"])
def test_a_kill_leaves_the_old_file_or_the_new_one(tmp_path: Path, instant: str) -> None:
    (tmp_path / "file").write_bytes(b"old")
    script = ("import pathlib, sys\nfrom calotype.ground.atomic import write_bytes\n"
              "write_bytes(pathlib.Path(sys.argv[1]), b'new')")
    environment = {**os.environ, "CALOTYPE_KILL_AT": instant}
    run = subprocess.run([sys.executable, "-c", script, tmp_path / "file"], env=environment)
    assert run.returncode == -signal.SIGKILL
    assert (tmp_path / "file").read_bytes() == (b"new" if instant == "atomic.renamed" else b"old")
    assert all(name == "file" or name.endswith(".tmp") for name in os.listdir(tmp_path))


def test_a_point_kills_at_the_time_that_was_asked_for(tmp_path: Path) -> None:
    script = ("from calotype.ground.atomic import point\n"
              "for n in range(5):\n    print(n, flush=True)\n    point('here')\n")
    environment = {**os.environ, "CALOTYPE_KILL_AT": "here:3"}
    run = subprocess.run([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE)
    assert run.stdout.split() == [b"0", b"1", b"2"]
    assert run.returncode == -signal.SIGKILL


def test_a_rename_that_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        atomic.write_bytes(tmp_path / "folder", b"data")
    assert os.listdir(tmp_path) == ["folder"]


def test_a_rename_that_a_signal_interrupts_is_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rename, interruptions = os.replace, iter([True, True, False])

    def interrupted(source: str, place: str) -> None:
        if next(interruptions):
            raise InterruptedError(errno.EINTR, "Interrupted system call")
        rename(source, place)

    monkeypatch.setattr(os, "replace", interrupted)
    atomic.write_bytes(tmp_path / "file", b"data")
    assert (tmp_path / "file").read_bytes() == b"data" and os.listdir(tmp_path) == ["file"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error() -> None:
    handle = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(OSError):
        atomic.write_all(handle, b"data")
    os.close(handle)


@pytest.mark.parametrize("count", [1, 40])
def test_few_and_many_files_are_synced(tmp_path: Path, count: int) -> None:
    paths = [tmp_path / str(number % 10) / str(number) for number in range(count)]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"data")
    atomic.sync_files(paths)
    atomic.sync_directories({path.parent for path in paths})


def test_a_file_that_is_gone_cannot_be_synced(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        atomic.sync_files([tmp_path / "none"])


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="a folder of Linux")
def test_a_folder_in_which_nothing_can_be_made_is_told() -> None:
    with pytest.raises(OSError) as refusal:
        atomic.open_temporary(Path("/proc"))
    assert refusal.value.errno == errno.EROFS
