"""The watch round by round: what a refusal of the disk, or nothing at all, makes of it."""

from __future__ import annotations

import errno
import os
import time
from typing import Any

import pytest

from calotype.api import KeptProject
from calotype.roof.watch import watcher as watchers
from calotype.roof.watch.watcher import Watcher, WatchOptions
from conftest import Space

SPEC = """kind: exercise
id: nod
region: neck
images:
  - {view_angle: lateral, body_position: seated, description: one, size: [64, 64]}
"""


def test_a_full_disk_is_told_and_the_next_look_tries_again(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    space.write("specs/exercises/nod.yaml", SPEC)
    monkeypatch.setattr(watchers, "LOOK_EVERY", 0.1)
    build, refused = KeptProject.build, []

    def full_once(self: KeptProject, *arguments: Any, **options: Any) -> Any:
        if not refused:
            refused.append(True)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(space.root / "content"))
        return build(self, *arguments, **options)

    monkeypatch.setattr(KeptProject, "build", full_once)
    done: list[Any] = []
    with KeptProject(space.root) as project:
        watcher = Watcher(project, WatchOptions(jobs=1), lambda: len(done) == 2, lambda event: None, done.append)
        for round_ in watcher.rounds():
            done.append(round_)
    first, second = done
    assert [diagnostic.code for diagnostic in first.outcome.diagnostics] == ["disk-full"]
    assert second.outcome.renders == 1 and not second.outcome.failed


def test_a_settled_project_is_told_of_without_a_build(space: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    space.write("specs/exercises/nod.yaml", SPEC)
    time.sleep(0.2)  # a file that was written in the tick in which it is read is looked at again
    assert space.call("build").code == 0
    record = (space.root / "cache/state/record").stat().st_mtime_ns
    done: list[Any] = []
    with KeptProject(space.root) as project:
        watcher = Watcher(project, WatchOptions(), lambda: bool(done), lambda event: None, done.append)
        for round_ in watcher.rounds():
            done.append(round_)
    assert done[0].outcome.up_to_date == 1 and done[0].changed == ()
    assert (space.root / "cache/state/record").stat().st_mtime_ns == record
