"""After a build that was stopped the next one goes on from what changed: specs that were done are looked into no more."""

from __future__ import annotations

import os

import pytest

from calotype.api import KeptProject, Project
from calotype.ground.events import Event
from conftest import settle
from counted import counted
from survival import Studio, studio

__all__ = ["studio"]

STANDING = 60
"""Specs that nobody edits."""


@pytest.fixture
def many(studio: Studio) -> Studio:
    for number in range(STANDING):
        studio.exercise(f"still_{number:02d}", f"description: still {number}")
    return studio


class Stop:
    """Stops a build when so many actions are done."""

    def __init__(self, after: int) -> None:
        self._left = after

    def hear(self, event: Event) -> None:
        self._left -= event.kind == "action.finished"

    def __call__(self) -> bool:
        return self._left <= 0


def pages(studio: Studio) -> dict[str, tuple[int, int]]:
    """Which file each page is: one that is written anew is another."""
    names = [name for name in studio.files("build") if name.endswith(".html")]
    return {name: ((status := os.stat(studio.root / name)).st_ino, status.st_mtime_ns) for name in names}


@pytest.mark.parametrize("kind", [KeptProject, Project])
def test_what_was_done_before_a_stop_is_not_looked_into_again(many: Studio, kind: type[Project]) -> None:
    project = kind(many.root)
    os.environ["CALOTYPE_PAINTER"] = str(many.notes)
    assert project.build().exit_code == 0
    many.settle()
    assert project.build().up_to_date == STANDING
    for name in ("a", "b", "c"):
        many.exercise(name, f"description: slow {name}", region="hip")
    stop = Stop(1)
    stopped = project.build(jobs=1, listener=stop.hear, cancel=stop)
    assert [target.status for target in stopped.targets].count("skipped") == 2
    many.settle()
    before = pages(many)
    many.edit("specs/exercises/c.yaml", "description: slow c", "description: quick c")
    with counted() as calls:
        done = project.build()
    assert (done.exit_code, done.renders, done.up_to_date) == (0, 2, STANDING + 1), done
    assert calls["language/yaml/document.parse"] <= 6, "of the specs: those that were not reached"
    written = {name for name, identity in pages(many).items() if before.get(name) != identity}
    assert len(written) <= 6 and not any("still" in name for name in written), written
    many.settle()
    assert many.repeated == 0 and many.content() == many.clean().content() and many.sheets() == many.clean().sheets()
    assert many.call("check", "--full").code == 0


def test_the_first_build_of_all_goes_on_where_it_was_stopped(many: Studio) -> None:
    project = Project(many.root)
    settle(many.root)
    os.environ["CALOTYPE_PAINTER"] = str(many.notes)
    stop = Stop(STANDING - 5)
    project.build(jobs=1, listener=stop.hear, cancel=stop)
    many.settle()
    with counted() as calls:
        done = project.build()
    assert done.exit_code == 0 and 0 < done.renders <= 6
    assert calls["language/yaml/document.parse"] <= 12, calls["language/yaml/document.parse"]
    assert many.repeated == 0 and many.content() == many.clean().content() and many.sheets() == many.clean().sheets()


def test_what_a_stopped_build_was_to_remove_is_removed_by_the_next(many: Studio) -> None:
    project = Project(many.root)
    os.environ["CALOTYPE_PAINTER"] = str(many.notes)
    assert project.build().exit_code == 0
    many.remove("specs/exercises/still_07.yaml")
    many.exercise("a", "description: slow a")
    stop = Stop(0)
    project.build(jobs=1, listener=stop.hear, cancel=stop)
    stop = Stop(1)
    project.build(jobs=1, listener=stop.hear, cancel=stop)
    done = project.build()
    assert done.exit_code == 0
    assert many.content() == many.clean().content() and many.sheets() == many.clean().sheets()


def test_a_damaged_line_of_the_manifest_is_dropped_after_a_stop_too(many: Studio) -> None:
    project = Project(many.root)
    os.environ["CALOTYPE_PAINTER"] = str(many.notes)
    assert project.build().exit_code == 0
    shard = next(name for name in many.files("content/manifest") if "still_07" in many.read(name))
    lines = many.read(shard).splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if "still_07" in line)
    many.write(shard, "".join([*lines[:at], lines[at][:len(lines[at]) // 2] + "\n", *lines[at + 1:]]))
    many.remove("specs/exercises/still_07.yaml")
    many.remove("content/images/exercises/neck/still_07_01.png")
    many.exercise("a", "description: slow a", "description: slow b")
    stop = Stop(1)
    project.build(jobs=1, listener=stop.hear, cancel=stop)
    assert project.build().exit_code == 0
    assert many.content() == many.clean().content() and many.sheets() == many.clean().sheets()
