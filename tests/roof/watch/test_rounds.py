"""The watch round by round: what a refusal of the disk, or nothing at all, makes of it."""

from __future__ import annotations

import errno
import os
import time
from typing import Any

import pytest

from calotype.api import KeptProject, Project
from calotype.ground.events import Event
from calotype.project.changes import was_stopped
from calotype.project.last_build import compare_with_last_build
from calotype.roof.watch import watcher as watchers
from calotype.roof.watch.observer import Observer
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
    space.settle()  # a build does not trust files that were saved in the tick it began in
    assert space.call("build").code == 0
    record = (space.root / "cache/state/record").stat().st_mtime_ns
    done: list[Any] = []
    with KeptProject(space.root) as project:
        watcher = Watcher(project, WatchOptions(), lambda: bool(done), lambda event: None, done.append)
        for round_ in watcher.rounds():
            done.append(round_)
    assert done[0].outcome.up_to_date == 1 and done[0].changed == ()
    assert (space.root / "cache/state/record").stat().st_mtime_ns == record


def test_without_events_a_full_disk_is_retried_after_the_long_pause_and_an_edit_is_built_at_once(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    space.write("specs/exercises/nod.yaml", SPEC)
    assert space.call("build").code == 0
    space.write("specs/exercises/nod.yaml", SPEC.replace("one", "two"))
    monkeypatch.setattr(watchers, "POLL_EVERY", 0.02)
    monkeypatch.setattr(watchers, "POLL_SHARE", 1.0)
    monkeypatch.setattr(watchers, "LOOK_EVERY", 2.0)
    monkeypatch.setattr(Observer, "start", lambda self: setattr(self, "silent", "no events here"))
    attempts: list[float] = []

    def full(self: KeptProject, *arguments: Any, **options: Any) -> Any:
        attempts.append(time.monotonic())
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(space.root / "content"))

    monkeypatch.setattr(KeptProject, "build", full)
    with KeptProject(space.root) as project:
        watcher = Watcher(project, WatchOptions(jobs=1), lambda: len(attempts) == 3, lambda event: None, lambda text: None)
        for _ in watcher.rounds():
            if len(attempts) == 2:
                space.write("specs/exercises/nod.yaml", SPEC.replace("one", "three"))
    first, second, third = attempts
    assert second - first >= 2.0
    assert third - second < 2.0


def test_a_lock_that_git_left_behind_is_waited_for_once_and_told_once(
    space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    (space.root / ".git").mkdir()
    space.write(".git/index.lock", "")
    monkeypatch.setattr(watchers, "CHECKOUT_AT_MOST", 1.0)
    messages: list[str] = []
    with KeptProject(space.root) as project:
        watcher = Watcher(project, WatchOptions(), lambda: False, lambda event: None, messages.append)
        seconds = []
        for _ in range(2):
            started = time.monotonic()
            watcher._settle()
            seconds.append(time.monotonic() - started)
    assert seconds[0] >= 1.0 > seconds[1]
    (message,) = messages
    assert str(space.root / ".git/index.lock") in message


def test_what_a_build_in_another_terminal_was_stopped_at_is_built_once(space: Space) -> None:
    space.write("specs/exercises/nod.yaml", SPEC)
    space.write("specs/exercises/bow.yaml", SPEC.replace("nod", "bow").replace("lateral", "anterior"))
    finished: list[str] = []

    def hear(event: Event) -> None:
        finished.extend([event.kind] if event.kind == "action.finished" else [])

    stopped = Project(space.root).build(jobs=1, listener=hear, cancel=lambda: bool(finished))
    assert [target.status for target in stopped.targets] == ["rendered", "skipped"]
    space.settle()
    before = compare_with_last_build(str(space.root))
    assert was_stopped(before)
    done: list[Any] = []
    with KeptProject(space.root) as project:
        watcher = Watcher(project, WatchOptions(jobs=1), lambda: bool(done), lambda event: None, done.append)
        for round_ in watcher.rounds():
            done.append(round_)
        assert done[0].outcome.renders == 1 and not was_stopped(project.changes())
        assert watcher._is_news(before, False) is False, "it has been tried"
