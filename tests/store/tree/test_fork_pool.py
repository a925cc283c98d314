"""Work shared between processes, some of which die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from calotype.store.tree.fork_pool import share

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def test_every_chunk_is_done_once_and_in_order() -> None:
    assert share(lambda chunk: [chunk * 2], 200, 3) == [[chunk * 2] for chunk in range(200)]


def test_a_helper_that_is_killed_costs_only_time() -> None:
    caller = os.getpid()

    def work(chunk: int) -> list[int]:
        if os.getpid() != caller:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.001)
        return [chunk]

    assert share(work, 50, 3) == [[chunk] for chunk in range(50)]


def test_a_helper_that_raises_costs_only_time() -> None:
    caller = os.getpid()

    def work(chunk: int) -> list[int]:
        if os.getpid() != caller:
            raise ValueError(chunk)
        time.sleep(0.001)
        return [chunk]

    assert share(work, 50, 2) == [[chunk] for chunk in range(50)]


def test_answers_larger_than_a_pipe_come_through() -> None:
    big = share(lambda chunk: [bytes([chunk]) * 100_000], 20, 2)
    assert [len(answer[0]) for answer in big] == [100_000] * 20


def test_no_helper_is_left_behind_not_even_when_the_caller_fails() -> None:
    caller = os.getpid()

    def work(chunk: int) -> list[int]:
        if os.getpid() == caller:
            raise KeyboardInterrupt
        time.sleep(60)
        return []

    with pytest.raises(KeyboardInterrupt):
        share(work, 10, 2)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_helpers_end_soon_after_their_caller_is_killed() -> None:
    script = ("import os, time\nfrom calotype.store.tree.fork_pool import share\nme = os.getpid()\n"
              "def work(chunk):\n    if os.getpid() == me: os.kill(me, 9)\n"
              "    time.sleep(0.01); return [b'x' * 100000]\n"
              "share(work, 20, 2)\n")
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert child.communicate(timeout=20)[0] == b""  # end of file: nobody holds the pipe any more
    assert child.returncode == -signal.SIGKILL
