"""`calotype watch`: from a save to the start of the render, idle cost, memory; beside entr and `tup monitor`. Then
builds in another terminal, which the watch runs, beside ninja.

    python benchmarks/watch.py --specs 2000 --rounds 15
    python benchmarks/watch.py --specs 10000 --only beside
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from beside import beside_a_watch

from engine import CALOTYPE
from projects import calotype_project, name_of, peer_project, plain_renderer, write_spec

QUIET_MS = 75.0
"""What the watch waits for after the last event, before it looks."""
IDLE_SECONDS = 10.0


def started_after_save(
    root: Path, environment: dict[str, str], rounds: int, specs: int
) -> tuple[list[float], float, float]:
    """Milliseconds from a save to the start of its render; processor seconds while idle; peak memory in MB."""
    process = subprocess.Popen([CALOTYPE, "watch", "--json"], cwd=root, env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    try:
        json.loads(process.stdout.readline())
        time.sleep(2)
        waits = []
        for turn in range(rounds):
            saved = time.time()
            write_spec(root, turn % specs, 1_000_000 + turn, mannequin=False)
            build = json.loads(process.stdout.readline())
            assert build["renders"] == 3, build
            waits.append(1000 * (first_start(root, saved) - saved))
            time.sleep(1)
        before = processor_seconds(process.pid)
        time.sleep(IDLE_SECONDS)
        return waits, processor_seconds(process.pid) - before, peak_megabytes(process.pid)
    finally:
        process.terminate()
        process.wait()


def first_start(root: Path, saved: float) -> float:
    """When the first render since `saved` began, by the event log."""
    logs = sorted((root / "build/logs").glob("*.jsonl"))
    events = (json.loads(line) for line in logs[-1].read_text().splitlines())
    return min(event["at"] for event in events if event["event"] == "action.started" and event["at"] >= saved)


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def peak_megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


@contextmanager
def entr(root: Path, specs: int) -> Iterator[Path]:
    """entr over the same files, running a command that says when it began."""
    stamp = root / "stamp"
    files = "\n".join(str(path) for path in sorted((root / "specs").rglob("*.yaml")))
    process = subprocess.Popen(["entr", "-n", "sh", "-c", f"date +%s.%N > {stamp}"], cwd=root, stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, text=True)
    assert process.stdin is not None
    process.stdin.write(files)
    process.stdin.close()
    time.sleep(2)
    try:
        yield stamp
    finally:
        process.terminate()
        process.wait()


@contextmanager
def tup(root: Path, specs: int) -> Iterator[Path]:
    """`tup monitor` with one rule for the first specs, which says when it began. It needs FUSE."""
    stamp = root / "stamp"
    if not Path("/dev/fuse").exists():
        raise OSError("there is no FUSE")
    subprocess.run(["tup", "init"], cwd=root, check=True, capture_output=True)
    region = name_of(0)[0]
    rule = f": foreach specs/exercises/{region}/*.yaml |> date +%s.%N > %o |> %B.out\n"
    (root / "Tupfile").write_text(rule)
    subprocess.run(["tup"], cwd=root, check=True, capture_output=True)
    subprocess.run(["tup", "monitor", "-a"], cwd=root, check=True, capture_output=True)
    time.sleep(2)
    stamp = root / f"{name_of(0)[1]}.out"
    try:
        yield stamp
    finally:
        subprocess.run(["tup", "stop"], cwd=root, check=False, capture_output=True)


def peer_waits(root: Path, stamp: Path, rounds: int) -> list[float]:
    waits = []
    for turn in range(rounds):
        saved = time.time()
        write_spec(root, 0, 1_000_000 + turn, mannequin=False)
        while not (stamp.exists() and stamp.read_text().strip() and float(stamp.read_text()) >= saved):
            if time.time() - saved > 30:
                raise TimeoutError
            time.sleep(0.005)
        waits.append(1000 * (float(stamp.read_text()) - saved))
        time.sleep(0.5)
    return waits


def peer(name: str, started: Callable[[Path, int], object], root: Path, specs: int, rounds: int) -> None:
    if shutil.which(name) is None:
        print(f"{name:<22} not installed")
        return
    try:
        with started(peer_project(root, specs), specs) as stamp:  # type: ignore[attr-defined]
            waits = peer_waits(root, stamp, rounds)
    except (OSError, subprocess.CalledProcessError) as refusal:
        print(f"{name:<22} does not run here ({type(refusal).__name__})")
        return
    print(f"{name:<22} {statistics.median(waits):6.1f} ms to the start of its command")


def saves(base: Path, environment: dict[str, str], specs: int, rounds: int) -> None:
    root = calotype_project(base / "project", specs)
    waits, idle, memory = started_after_save(root, environment, rounds, specs)
    median = statistics.median(waits)
    print(f"{specs} specs, {rounds} saves")
    beyond = median - QUIET_MS
    print(f"{'calotype watch':<22} {median:6.1f} ms to the start of the render, {beyond:.1f} ms beyond the "
          f"quiet period (best {min(waits) - QUIET_MS:.1f}, worst {max(waits) - QUIET_MS:.1f})")
    print(f"{'':<22} {idle:.2f} s of processor time in {IDLE_SECONDS:.0f} s idle, {memory:.0f} MB")
    peer("entr", entr, base / "entr", specs, rounds)
    peer("tup", tup, base / "tup", specs, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--specs", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", choices=("beside", "saves"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        environment = plain_renderer(Path(folder) / "plugin")
        if given.only != "beside":
            saves(Path(folder), environment, given.specs, given.rounds)
        if given.only != "saves":
            beside_a_watch(Path(folder), given.specs, given.rounds, environment)


if __name__ == "__main__":
    main()
