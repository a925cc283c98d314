"""One holder at a time, and none that outlives its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from calotype.ground.lock import BUILD_LOCK, build_lock, builder_at_work, decision_lock, lock

HOLD = """
import sys, time, pathlib
from calotype.ground.lock import build_lock
with build_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(root: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(root)], stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"held\n"
    return process


def test_a_killed_holder_holds_no_more(tmp_path: Path) -> None:
    process = holder(tmp_path)
    waited: list[int | None] = []

    def told(pid: int | None) -> None:
        waited.append(pid)
        process.send_signal(signal.SIGKILL)

    with build_lock(tmp_path, told):
        assert waited == [process.pid]
    process.communicate()


def test_a_link_in_the_place_of_a_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to("elsewhere")
    with pytest.raises(OSError, match="symbolic links"), lock(tmp_path / "lock"):
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_free_lock_is_taken_without_a_word(tmp_path: Path) -> None:
    for _ in range(2):
        with build_lock(tmp_path, lambda pid: (_ for _ in ()).throw(AssertionError(pid))):
            assert (tmp_path / BUILD_LOCK).read_text() == str(os.getpid())


def test_threads_of_one_process_take_turns(tmp_path: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> None:
        for _ in range(20):
            with lock(tmp_path / "lock"):
                inside.append(1)
                most.append(len(inside))
                time.sleep(0.001)
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == [1] * 60


def test_a_lock_whose_file_was_removed_is_taken_on_its_successor(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    order: list[str] = []

    def wait() -> None:
        with lock(path, lambda pid: order.append("waits")):
            order.append("held")
            assert path.exists()

    with lock(path):
        thread = threading.Thread(target=wait)
        thread.start()
        while not order:
            time.sleep(0.001)
        path.unlink()
    thread.join(30)
    assert order == ["waits", "held"]
    assert path.exists()


def test_a_process_forked_while_a_lock_is_held_does_not_keep_it(tmp_path: Path) -> None:
    with decision_lock(tmp_path):
        child = os.fork()
        if not child:
            time.sleep(60)
            os._exit(0)
    try:
        took = time.monotonic()
        with decision_lock(tmp_path):
            assert time.monotonic() - took < 5
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_decisions_are_taken_beside_a_build_one_after_the_other(tmp_path: Path) -> None:
    order: list[str] = []

    def decide() -> None:
        with decision_lock(tmp_path):
            order.append("second")

    with build_lock(tmp_path), decision_lock(tmp_path):
        waiter = threading.Thread(target=decide)
        waiter.start()
        time.sleep(0.2)
        order.append("first")
    waiter.join()
    assert order == ["first", "second"]


def test_who_builds_is_told_only_while_somebody_does(tmp_path: Path) -> None:
    assert builder_at_work(tmp_path) is None
    with build_lock(tmp_path):
        assert builder_at_work(tmp_path) == f"process {os.getpid()}"
    assert builder_at_work(tmp_path) is None
    process = holder(tmp_path)
    try:
        assert builder_at_work(tmp_path) == f"process {process.pid}"
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
