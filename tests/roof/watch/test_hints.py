"""Events are hints: what they say of where to look, and what is done where they say nothing."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from calotype.roof.watch import observer as observers
from calotype.roof.watch.checkout import IndexLock, index_lock
from calotype.roof.watch.hints import Hints
from calotype.roof.watch.observer import Observer


@pytest.fixture
def hints() -> Hints:
    return Hints()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("specs/exercises/neck", "content/images", "build", "cache", "refs"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "calotype.yaml").write_text("version: 1\n")
    return tmp_path


@pytest.fixture
def observer(project: Path, hints: Hints) -> Iterator[Observer]:
    observer = Observer(project, hints)
    observer.start()
    hints.settle(0.2, 2)
    hints.take()
    yield observer
    observer.stop()


def gathered(hints: Hints) -> object:
    """What the hints of the next moments say."""
    hints.wait(10)
    hints.settle(0.2, 3)
    return hints.take()


def test_a_saved_file_is_a_hint_at_its_folder(project: Path, observer: Observer, hints: Hints) -> None:
    (project / "specs/exercises/neck/a.yaml").write_text("id: a\n")
    assert gathered(hints) == {"specs/exercises/neck"}


def test_the_config_is_a_hint_at_the_files_that_are_watched_singly(project: Path, observer: Observer, hints: Hints) -> None:
    (project / "calotype.yaml").write_text("version: 1\nbase_seed: 3\n")
    assert gathered(hints) == {""}


def test_a_folder_that_comes_goes_or_moves_is_a_hint_at_everything(project: Path, observer: Observer, hints: Hints) -> None:
    (project / "specs/exercises/hip").mkdir()
    assert gathered(hints) is None
    (project / "specs/exercises/hip").rename(project / "specs/exercises/knee")
    assert gathered(hints) is None
    (project / "specs/exercises/knee").rmdir()
    assert gathered(hints) is None


def test_reading_and_what_lies_in_build_and_cache_are_no_hints(project: Path, observer: Observer, hints: Hints) -> None:
    (project / "calotype.yaml").read_text()
    (project / "build/index.html").write_text("page")
    (project / "cache/blob").write_text("blob")
    (project / "cache/state").mkdir()
    (project / "notes.txt").write_text("mine")
    assert not hints.wait(0.5)


def test_a_picture_elsewhere_is_watched_once_it_is_an_input(project: Path, observer: Observer, hints: Hints) -> None:
    (project / "refs/a.png").write_text("one")
    assert not hints.wait(0.3)
    observer.renew(["calotype.yaml", "refs/a.png", "cache/actions.db", "build/index.html"])
    gathered(hints)
    (project / "refs/a.png").write_text("two")
    assert gathered(hints) == {""}


def test_a_tree_that_is_replaced_is_watched_again(project: Path, observer: Observer, hints: Hints) -> None:
    (project / "specs").rename(project / "old")
    (project / "specs/exercises").mkdir(parents=True)
    gathered(hints)
    observer.renew(())
    gathered(hints)
    (project / "specs/exercises/a.yaml").write_text("id: a\n")
    assert gathered(hints) == {"specs/exercises"}


def test_lost_events_are_a_hint_at_everything(observer: Observer, hints: Hints, capfd: pytest.CaptureFixture[str]) -> None:
    """The system tells of them by an event of its own, watchdog by a line of its log alone."""
    logging.getLogger("watchdog.observers.inotify_c").warning("Inotify queue overflowed; filesystem events were lost")
    assert gathered(hints) is None
    assert "overflow" not in "".join(capfd.readouterr())


def test_a_network_drive_is_polled_with_a_reason(project: Path, hints: Hints, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observers, "file_system", lambda path: "nfs4")
    observer = Observer(project, hints)
    observer.start()
    assert observer.silent == "the project lies on nfs4, which tells of no changes"
    observer.renew(())
    observer.stop()


def test_a_system_without_watches_left_is_polled_with_a_reason(
    project: Path, hints: Hints, monkeypatch: pytest.MonkeyPatch
) -> None:
    from watchdog.observers.inotify_c import InotifyFD

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(InotifyFD, "add_callback", refuse)
    observer = Observer(project, hints)
    observer.start()
    assert observer.silent is not None and "no events" in observer.silent
    observer.stop()


def test_the_file_system_of_a_folder_is_the_one_mounted_deepest() -> None:
    if Path("/proc/self/mounts").exists():
        assert observers.file_system(Path("/proc/self")) == "proc"
        assert observers.file_system(Path("/")) not in ("", "proc")


def test_hints_settle_when_nothing_comes_and_at_the_latest_after_the_longest_wait(hints: Hints) -> None:
    hints.file("specs/a.yaml")
    started = time.monotonic()
    hints.settle(0.05, 0.5)
    assert time.monotonic() - started < 0.4
    assert hints.pending and hints.by_people
    assert hints.take() == {"specs"} and not hints.pending


def test_what_a_build_publishes_is_told_from_what_people_write(hints: Hints) -> None:
    hints.file("content/images/exercises/neck/a_01.png")
    hints.wait(1)
    assert hints.pending and not hints.by_people


def test_a_wake_ends_a_wait_and_is_no_hint(hints: Hints) -> None:
    hints.wake()
    started = time.monotonic()
    assert not hints.wait(30)
    assert time.monotonic() - started < 5 and not hints.pending


def test_a_checkout_is_known_by_the_lock_that_git_holds(tmp_path: Path) -> None:
    project = tmp_path / "repository/project"
    (tmp_path / "repository/.git/worktrees/other").mkdir(parents=True)
    project.mkdir()
    assert index_lock(project) == tmp_path / "repository/.git/index.lock"
    (tmp_path / "other").mkdir()
    (tmp_path / "other/.git").write_text(f"gitdir: {tmp_path}/repository/.git/worktrees/other\n")
    assert index_lock(tmp_path / "other") == tmp_path / "repository/.git/worktrees/other/index.lock"
    (tmp_path / "other/.git").write_text("nothing of the kind\n")
    assert index_lock(tmp_path / "other") is None


def test_a_lock_that_is_ignored_counts_again_once_git_makes_another(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    path = tmp_path / ".git/index.lock"
    lock = IndexLock()
    assert lock.held(tmp_path) is None
    path.write_text("")
    assert lock.held(tmp_path) == path
    lock.ignore(tmp_path)
    assert lock.held(tmp_path) is None
    path.unlink()
    path.write_text("")
    os.utime(path, (1, 1))
    assert lock.held(tmp_path) == path
