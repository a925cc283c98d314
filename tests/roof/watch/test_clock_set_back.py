"""The clock is set back while a watch is at work: edits are seen, the latest decision holds, streams go on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from calotype.api import KeptProject, Project
from calotype.ground.images import pixels_of
from calotype.roof.watch.watcher import Watcher, WatchOptions
from conftest import Space

DAY = 86_400
SPEC = """kind: exercise
id: nod
region: neck
images:
  - {view_angle: lateral, body_position: seated, description: one, size: [64, 64], seed: 1, candidates: 3, select: human}
"""
NOD = "specs/exercises/nod.yaml"
TARGET = "exercises/nod/01"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock that the program reads back by so many seconds. That of the file system goes on."""
    now, now_ns = time.time, time.time_ns

    def set_back(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: now() - seconds)
        monkeypatch.setattr(time, "time_ns", lambda: now_ns() - int(seconds * 1e9))

    return set_back


def test_edits_are_seen_and_built_once(space: Space, clock: Callable[[float], None]) -> None:
    space.write(NOD, SPEC)
    done: list[Any] = []
    with KeptProject(space.root) as project:
        watcher = Watcher(project, WatchOptions(jobs=1), lambda: len(done) == 3, lambda event: None, done.append)
        for round_ in watcher.rounds():
            done.append(round_)
            if len(done) == 1:
                clock(DAY)
                space.edit(NOD, "seed: 1", "seed: 2")
            elif len(done) == 2:
                clock(-DAY)
                space.edit(NOD, "seed: 2", "seed: 3")
    assert [each.outcome.renders for each in done] == [3, 1, 1], "of each edit the candidate with a new seed"
    clock(0)
    space.settle()
    assert Project(space.root).build().renders == 0
    assert Project(space.root).check(full=True).awaiting == 1


def test_the_latest_decision_holds(space: Space, clock: Callable[[float], None]) -> None:
    space.write(NOD, SPEC)
    project = Project(space.root)
    project.build()
    first = project.pick(TARGET, "1")
    clock(DAY)
    second = project.pick(TARGET, "2")
    assert first.pixels != second.pixels
    assert project.build().awaiting == 0
    assert pixels_of(space.root / "content/images/exercises/neck/nod_01.png") == second.pixels
