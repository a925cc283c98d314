"""The contact sheets that builds leave: always those of a clean build, whatever happened before."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import CALOTYPE, Space

BOW = """\
kind: exercise
id: bow
region: neck
title: Bow
defaults_note: x
images:
  - {view_angle: lateral, body_position: standing, description: upright, id: start}
  - {view_angle: lateral, body_position: standing, description: bent, pose: {neck_flexion: 20}, id: deep}
""".replace("defaults_note: x\n", "size: [64, 64]\n")
NOD = BOW.replace("id: bow", "id: nod").replace("title: Bow", "title: Nod")
SPEC = "specs/exercises/neck/bow.yaml"


@pytest.fixture
def two(space: Space) -> Space:
    space.write(SPEC, BOW)
    space.write("specs/exercises/neck/nod.yaml", NOD)
    assert space.call("build", "-q").code == 0
    return space


def pages(space: Space) -> dict[str, bytes]:
    folder = space.root / "build"
    found = [path for path in folder.rglob("*") if path.suffix in (".html", ".css")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def clean_pages(space: Space, folder: Path) -> dict[str, bytes]:
    """The pages of the same specs built from nothing."""
    shutil.copytree(space.root, folder, ignore=shutil.ignore_patterns("build", "cache", "content"))
    other = Space(folder)
    other.call("build", "-q")
    return pages(other)


EDITS = {
    "a pose": ("neck_flexion: 20", "neck_flexion: 30"),
    "a title": ("title: Bow", "title: A deep bow"),
    "a caption": ("description: bent", "caption: slowly, description: bent"),
    "a tag": ("title: Bow", "tags: [posture]\ntitle: Bow"),
    "the region": ("region: neck", "region: spine"),
    "the id": ("id: bow", "id: low_bow"),
    "an image's id": ("id: deep", "id: deeper"),
    "an image removed": (BOW.splitlines(keepends=True)[-1], ""),
    "the order": (
        "images:\n",
        "images:\n  - {view_angle: anterior, body_position: seated, description: first, id: new}\n",
    ),
}


@pytest.mark.parametrize("change", EDITS)
def test_after_an_edit_the_pages_are_those_of_a_clean_build(two: Space, tmp_path: Path, change: str) -> None:
    two.edit(SPEC, *EDITS[change])
    assert two.call("build", "-q").code == 0
    assert pages(two) == clean_pages(two, tmp_path / "clean")


def test_after_a_spec_is_removed_the_pages_are_those_of_a_clean_build(two: Space, tmp_path: Path) -> None:
    two.remove(SPEC)
    two.call("build", "-q")
    assert pages(two) == clean_pages(two, tmp_path / "clean")


def test_a_spec_that_moves_keeps_its_page(two: Space, tmp_path: Path) -> None:
    two.move(SPEC, "specs/exercises/other.yaml")
    two.call("build", "-q")
    assert pages(two) == clean_pages(two, tmp_path / "clean")


def test_a_build_of_one_target_first_leaves_no_page_out_later(space: Space, tmp_path: Path) -> None:
    space.write(SPEC, BOW)
    space.write("specs/exercises/neck/nod.yaml", NOD)
    space.call("build", "exercises/nod", "-q")
    space.call("build", "-q")
    assert pages(space) == clean_pages(space, tmp_path / "clean")


@pytest.mark.parametrize("gone", ["build", "build/index.html", "build/exercises", "build/.sheets"])
def test_pages_that_are_gone_are_written_again(two: Space, gone: str) -> None:
    before = pages(two)
    two.remove(gone)
    assert two.call("build", "--json").json["renders"] == 0
    assert pages(two) == before


@pytest.mark.parametrize(
    "instant", ["blobs-durable", "results-durable", "assets-published", "manifest-replaced"]
)
def test_after_a_kill_the_pages_are_those_of_a_clean_build(two: Space, tmp_path: Path, instant: str) -> None:
    two.edit(SPEC, *EDITS["a pose"])
    killed = subprocess.run(
        [str(CALOTYPE), "build", "-q", "--project", str(two.root)],
        env={"CALOTYPE_KILL_AT": instant},
        check=False,
    )
    assert killed.returncode < 0
    assert two.call("build", "-q").code == 0
    assert pages(two) == clean_pages(two, tmp_path / "clean")
