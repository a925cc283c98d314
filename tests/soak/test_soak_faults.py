"""Faults of the system, one a build: every system call that changes the disk fails once, at each of its passings.

`strace` makes the call fail, in the whole process from its start to its end. Run by `make soak`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter

import pytest
from test_survives_kills import SCENARIOS, start_over, survive, wanted_after

from conftest import CALOTYPE
from survival import Studio, studio

__all__ = ["studio"]

pytestmark = pytest.mark.soak

FAULTS = {
    "openat": ("ENOSPC", "EMFILE", "EIO"), "write": ("ENOSPC", "EIO", "EINTR"), "pwrite64": ("ENOSPC", "EIO"),
    "fsync": ("EIO", "ENOSPC"), "fdatasync": ("EIO",), "syncfs": ("EIO", "ENOSPC"),
    "rename": ("ENOSPC", "EIO", "EACCES"), "link": ("ENOSPC",), "unlink": ("EIO", "EACCES"), "mkdir": ("ENOSPC", "EACCES"),
    "ftruncate": ("EIO",),
}
"""The calls that change the disk (`openat` where it opens a file of the project to write), and how each may fail."""
RUNS = 12
"""Of each call, fault and scenario so many passings are tried, spread over the build."""
ENDINGS = (0, 1)
"""A build that met a fault ends well (it did not need the call), or says what failed."""


def test_a_call_that_fails_once_loses_nothing_and_repeats_nothing(studio: Studio) -> None:
    endings: Counter[str] = Counter()
    for seed, scenario in enumerate(SCENARIOS):
        start_over(studio)
        wanted, keys = wanted_after(scenario, studio, seed)
        passings = _passings(studio)
        for call, faults in FAULTS.items():
            places = passings.get(call, [])
            for number in places[::max(1, len(places) // RUNS)]:
                for fault in faults:
                    start_over(studio)
                    wanted, keys = wanted_after(scenario, studio, seed)
                    before = len(studio.painted)
                    code, words = _traced(studio, "-e", f"inject={call}:error={fault}:when={number}")
                    where = f"{scenario.__name__}: {call} {number} {fault}"
                    assert code in ENDINGS and "Traceback" not in words and "bug" not in words, f"{where}: {code}\n{words}"
                    survive(studio, wanted, keys, before)
                    assert studio.repeated == 0, f"{where}: rendered again\n{words}"
                    endings[f"{call} {fault}: exit {code}"] += 1
    print("\n".join(f"{ending}: {count}" for ending, count in sorted(endings.items())))
    assert endings.total() > 200


def _passings(studio: Studio) -> dict[str, list[int]]:
    """Of each call, which of its passings in a build (from 1) concern the project's files."""
    _traced(studio, "-y")
    numbers: Counter[str] = Counter()
    passings: dict[str, list[int]] = {}
    for line in (studio.notes / "calls").read_text(errors="replace").splitlines():
        match = re.match(r"\d+ +(\w+)\((.*)", line)
        if match is None or " resumed>" in line:
            continue
        call, rest = match.groups()
        numbers[call] += 1
        writes = call != "openat" or any(flag in rest for flag in ("O_WRONLY", "O_RDWR", "O_CREAT"))
        if writes and str(studio.root) in rest:
            passings.setdefault(call, []).append(numbers[call])
    return passings


def _traced(studio: Studio, *options: str) -> tuple[int, str]:
    """One build under strace with one job; its exit code and all that it said."""
    tool = shutil.which("strace")
    assert tool, "this test needs strace: apt install strace"
    calls = [call for call in FAULTS if call != "rename"]
    command = [tool, "-f", "-qq", "-o", str(studio.notes / "calls"), "-s", "300",
               "-e", f"trace={','.join([*calls, '/^rename'])}", *options, str(CALOTYPE), "build", "-j", "1"]
    environment = {**os.environ, "CALOTYPE_PAINTER": str(studio.notes)}
    done = subprocess.run(command, cwd=studio.root, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr

