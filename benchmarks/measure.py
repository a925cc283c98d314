"""Whole processes, measured: wall time, processor time of them and their children, peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from projects import ENVIRONMENT

LAUNCH = """
import os, sys
quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=quiet)
_, status, used = os.wait4(pid, 0)
print(used.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process and its children: `seconds` by the clock, `cpu` seconds of user and system time."""

    seconds: float
    cpu: float


def run(command: Sequence[str], cwd: Path, environment: Mapping[str, str] | None = None) -> Cost:
    """Runs a command to its end, which must be a success."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=environment or ENVIRONMENT, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"exit {process.returncode}: {' '.join(command)} in {cwd}")
    return Cost(seconds, used.ru_utime + used.ru_stime)


def peak_megabytes(command: Sequence[str], cwd: Path, environment: Mapping[str, str] | None = None) -> float:
    """Peak memory of the largest process of a command.

    It is started by a small process of its own, since a process is charged what its starter held (Linux).
    """
    done = subprocess.run([sys.executable, "-I", "-S", "-c", LAUNCH, *command], cwd=cwd, check=True,
                          env=environment or ENVIRONMENT, capture_output=True)
    return int(done.stdout) / (1024 if sys.platform == "linux" else 1024**2)


def interleaved(contenders: Mapping[str, Callable[[int], Cost]], rounds: int) -> dict[str, list[Cost]]:
    """Runs each contender once a round, the order reversed every other round. The first round does not count."""
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        names = list(contenders)
        for name in names if number % 2 else reversed(names):
            cost = contenders[name](number)
            if number:
                costs[name].append(cost)
    return costs


def median_ms(costs: Sequence[Cost]) -> float:
    return statistics.median(cost.seconds for cost in costs) * 1000


def ratio(ours: Sequence[Cost], theirs: Sequence[Cost]) -> float:
    """The median of paired ratios of wall times."""
    return statistics.median(our.seconds / their.seconds for our, their in zip(ours, theirs, strict=True))
