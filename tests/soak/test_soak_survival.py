"""Survival, with patience: every instant, every offset, thousands of edits and mutations. Run by `make soak`."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_survives_damage import FILES, cut_off, small
from test_survives_edits import life
from test_survives_hostility import endure, rich
from test_survives_kills import (
    POINTS,
    SCENARIOS,
    first_build,
    kill_at_changes,
    kill_at_instants,
    start_over,
    survive,
    wanted_after,
)

from calotype.store.action_cache import ActionCache
from calotype.store.state import State
from conftest import CALOTYPE
from survival import KILLED, Studio, at_point, child, studio

__all__ = ["rich", "small", "studio"]

pytestmark = pytest.mark.soak


@pytest.mark.parametrize("point", POINTS)
def test_killed_every_time_it_passes_a_named_point(studio: Studio, point: str) -> None:
    died = 0
    for seed, scenario in enumerate(SCENARIOS):
        for time_ in range(1, 1000):
            start_over(studio)
            wanted, keys = wanted_after(scenario, studio, seed)
            before = len(studio.painted)
            if child(studio, "build", first=at_point(point, time_)) != KILLED:
                break
            died += 1
            survive(studio, wanted, keys, before)
    print(f"{point}: killed {died} times")
    assert died


def test_killed_before_each_change_to_the_disk(studio: Studio) -> None:
    died = kill_at_changes(studio, 1, 0)
    print(f"killed before {died} changes")
    assert died > 300


def test_killed_at_five_hundred_random_instants(studio: Studio) -> None:
    kill_at_instants(studio, deaths=500, seed=7)


def test_whole_processes_killed_at_a_hundred_random_instants(studio: Studio) -> None:
    """As an operator's `kill -9` does it: from the start of the interpreter to its end."""
    die, died = random.Random(3), 0
    for number in range(100):
        start_over(studio)
        wanted, keys = wanted_after(die.choice(SCENARIOS), studio, number)
        before = len(studio.painted)
        process = subprocess.Popen(
            [str(CALOTYPE), "build"], cwd=studio.root, env={**os.environ, "CALOTYPE_PAINTER": str(studio.notes)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(die.uniform(0, 0.5))
        process.send_signal(signal.SIGKILL)
        died += process.wait() == KILLED
        survive(studio, wanted, keys, before)
    print(f"{died} processes died")
    assert died > 30


def test_a_large_first_build_comes_to_its_end_however_often_it_is_killed(studio: Studio) -> None:
    first_build(studio, 1)
    for name in range(40):
        studio.exercise(f"many{name}", *(f"description: {name} {n}" for n in range(10)))
    wanted = studio.clean()
    die, died = random.Random(5), 0
    while child(studio, "build", after=die.uniform(0.05, 0.3) * (1 + died / 20)) == KILLED:
        died += 1
        assert died < 200
    survive(studio, wanted, set(wanted.painted), 0, died + 1)
    print(f"killed {died} times, {studio.repeated} renders lost in flight")
    assert studio.repeated <= died * 34


@pytest.mark.parametrize("file", FILES)
def test_a_file_cut_off_at_every_offset(small: Studio, file: str) -> None:
    """By whole builds: at each offset of what is small, at every 97th of a database."""
    size = (small.root / file).stat().st_size
    cut_off(small, file, list(range(0, size, 97 if file.endswith(".db") else 1)))


@pytest.fixture
def databases(small: Studio) -> Iterator[Path]:
    yield small.root / "cache"


def test_the_action_cache_cut_off_at_every_offset_never_gives_a_wrong_hit(databases: Path) -> None:
    path = databases / "actions.db"
    whole = path.read_bytes()
    cache = ActionCache(path)
    truth = cache.get_many(list(cache.keys()))
    cache.close()
    kept = 0
    for at in range(len(whole)):
        path.write_bytes(whole[:at])
        path.with_name("actions.db-journal").unlink(missing_ok=True)
        cache = ActionCache(path)
        found = cache.get_many(truth)
        assert all(truth[key] == result for key, result in found.items()), at
        kept += bool(found)
        cache.close()
    print(f"{len(whole)} offsets, something left at {kept}")


def test_the_state_cut_off_at_every_offset_knows_the_truth_or_nothing(databases: Path) -> None:
    path = databases / "state/state.db"
    whole = path.read_bytes()
    state = State(path)
    files = state.spec_files()
    truth = {file: (state.targets_of(file), state.sha256_of(file), state.key_of(file)) for file in files}
    count = state.count()
    state.close()
    for at in range(len(whole)):
        path.write_bytes(whole[:at])
        path.with_name("state.db-journal").unlink(missing_ok=True)
        state = State(path)
        assert state.count() in (count, 0) and state.spec_files() in (files, []), at
        for file, told in truth.items():
            assert (state.targets_of(file), state.sha256_of(file), state.key_of(file)) in (told, ([], None, None)), at
        state.close()


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(st.data())
def test_a_thousand_projects_of_a_dozen_edits(data: st.DataObject) -> None:
    life(data, steps=12)


@pytest.mark.parametrize("seed", range(10))
def test_ten_thousand_mutations(rich: Studio, seed: int) -> None:
    endure(rich, 1000, seed=seed)
