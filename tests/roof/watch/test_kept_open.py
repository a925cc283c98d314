"""Builds on a project that stays open, by hints alone: a clean build's tree each time, with the fewest renders."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_survives_edits import Book

from calotype.api import KeptProject, Project
from projects import EDITS, LOSSES, Author
from survival import Studio, hired, new_studio

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


def stands(root: Path) -> dict[str, tuple[int, int]]:
    """Every file that people may edit, and every folder."""
    paths = [path for tree in ("specs", "content", "templates") for path in (root / tree).rglob("*")]
    return {path.relative_to(root).as_posix(): (-1, -1) if path.is_dir() else (path.stat().st_mtime_ns, path.stat().st_size)
            for path in paths}


def hinted(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> Collection[str] | None:
    """What events would hint at: the folders of the files that differ; None for all, where a folder came or went."""
    differing = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    if any((-1, -1) in (before.get(path), after.get(path)) for path in differing):
        return None
    return {path.rpartition("/")[0] for path in differing}


def live(data: st.DataObject, steps: int) -> None:
    folder = Path(tempfile.mkdtemp(dir=MEMORY))
    try:
        with hired():
            author, book = Author(new_studio(folder), data.draw), Book()
            author.add_spec()
            author.save()
            with KeptProject(author.studio.root) as project:
                build_and_compare(project, author.studio, book, None)
                for _ in range(steps):
                    before = stands(author.studio.root)
                    lost = data.draw(st.integers(0, 4)) == 0
                    for _ in range(1 if lost else data.draw(st.integers(1, 3))):
                        getattr(author, data.draw(st.sampled_from(LOSSES if lost else EDITS)))()
                    if author.lost_cache:
                        book.cache_lost(author.studio)
                        author.lost_cache = False
                    author.save()
                    build_and_compare(project, author.studio, book, hinted(before, stands(author.studio.root)))
    finally:
        shutil.rmtree(folder)


def build_and_compare(project: KeptProject, studio: Studio, book: Book, folders: Collection[str] | None) -> None:
    clean = studio.clean()
    os.environ["CALOTYPE_PAINTER"] = str(studio.notes)
    before = len(studio.painted)
    project.changes(folders)
    outcome = project.build(jobs=1)
    assert not outcome.failed, outcome
    assert outcome.renders == len(studio.painted) - before == len(set(studio.painted[before:]))
    assert outcome.renders in book.expect(set(clean.painted))
    book.at_hand.update(studio.painted[before:])
    assert studio.content() == clean.content()
    assert studio.sheets() == clean.sheets()
    assert Project(studio.root).build(jobs=1).targets == (), "the record is that of a build of its own"


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.data())
def test_builds_on_a_project_kept_open_leave_what_clean_builds_leave(data: st.DataObject) -> None:
    live(data, steps=6)


@pytest.mark.soak
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.data())
def test_through_thousands_of_edits(data: st.DataObject) -> None:
    live(data, steps=20)
