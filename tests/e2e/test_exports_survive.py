"""An export that is killed, or that the disk refuses, leaves files that are the old ones or the new ones, and goes on."""

from __future__ import annotations

import errno
import itertools
import os
from pathlib import Path

import pytest

from calotype.ground import atomic
from survival import KILLED, Studio, at_change, at_point, child, studio

__all__ = ["studio"]

DOLL, FOLDER, SET = "specs/characters/doll.yaml", "content/training/doll", "characters/doll/training_set"
EXPORT = ("export", "training", "doll")
SPEC = """\
kind: character
id: doll
anchors: {poses: [{id: front, candidates: 2, select: first}, {id: back, view_angle: posterior}]}
variations: [{id: bow, anchor: front, prompt: bowing}]
training_set: {trigger_word: dolly, min: 2, max: 9, select: suggest}
"""
POINTS = ("assets-staged", "product-begun", "asset-replaced", "asset-replaced:3", "asset-rescued", "assets-published",
          "asset-removed", "product-recorded", "atomic.staged", "atomic.renamed")
Files = dict[str, bytes]


def files(space: Studio) -> Files:
    """All of the export but its record."""
    return {name: (space.root / name).read_bytes() for name in space.files(FOLDER) if not name.endswith("set.json")}


def remember(space: Studio) -> Files:
    return {name: (space.root / name).read_bytes() for name in space.files("content/training")}


def put(space: Studio, before: Files) -> None:
    for name in space.files("content/training"):
        (space.root / name).unlink()
    for name, data in before.items():
        space.write(name, data)


@pytest.fixture
def changed(studio: Studio) -> tuple[Studio, Files, Files, Files]:
    """An export of three images, of which one is another by now, one has left, a caption was edited by hand; with all
    that lies in its folder now, and its own files as they were and as they will be."""
    studio.write(DOLL, SPEC)
    assert studio.call(*EXPORT).code == 0
    old = files(studio)
    studio.settle()
    for words in (("pick", "characters/doll/anchors/front", "2"),
                  ("exclude", "characters/doll/anchors/back", "--reason", "blurred"), ("build", "-q")):
        assert studio.call(*words).code in (0, 3)
    studio.write(f"{FOLDER}/images/bow_01.txt", "edited by hand\n")
    studio.write(f"{FOLDER}/doll.safetensors", "weights")
    before = remember(studio)
    assert studio.call(*EXPORT).code == 0
    new = files(studio)
    assert set(old) - set(new) == {f"{FOLDER}/images/anchor_back.{ending}" for ending in ("png", "txt")}
    put(studio, before)
    return studio, before, old, new


def survive(space: Studio, before: Files, new: Files) -> None:
    """Each file is as it was or as it will be, and the next export ends as one that nobody stopped."""
    for name, data in files(space).items():
        if ".calotype-" not in name:
            assert data in (before.get(name), new.get(name)), name
    assert space.call("check").code == 1 or files(space) == new
    done = space.call(*EXPORT, "--json")
    assert done.code == 0, done.out + done.err
    assert files(space) == new
    assert space.leftovers("content", "build") == []
    assert (space.root / f"build/edited/{FOLDER}/images/bow_01.txt").read_text() == "edited by hand\n"
    assert space.call("check").code == 0 and space.call(*EXPORT, "--json").json["targets"] == []
    put(space, before)


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point(changed: tuple[Studio, Files, Files, Files], point: str) -> None:
    space, before, _, new = changed
    name, _, number = point.partition(":")
    assert child(space, *EXPORT, first=at_point(name, int(number or 1))) == KILLED
    survive(space, before, new)


def test_killed_before_any_change_to_the_disk(changed: tuple[Studio, Files, Files, Files]) -> None:
    space, before, _, new = changed
    died = 0
    for number in itertools.count(1, 7):
        code = child(space, *EXPORT, first=at_change(space.root, number))
        survive(space, before, new)
        if code != KILLED:
            break
        died += 1
    assert died > 5


def test_what_a_killed_export_left_goes_when_the_set_has_changed_since(studio: Studio) -> None:
    studio.write(DOLL, SPEC)
    assert studio.call("exclude", "characters/doll/variations/bow_01", "--reason", "no").code == 2, "nothing is built"
    assert studio.call("build", "-q").code == 0
    assert studio.call("exclude", "characters/doll/variations/bow_01", "--reason", "no").code == 0
    assert studio.call(*EXPORT).code == 0
    before = files(studio)
    assert studio.call("exclude", "characters/doll/variations/bow_01", "--undo").code == 0
    assert child(studio, *EXPORT, first=at_point("assets-published")) == KILLED
    assert f"{FOLDER}/images/bow_01.png" in studio.files(FOLDER)
    assert studio.call("exclude", "characters/doll/variations/bow_01", "--reason", "no").code == 0
    assert "was left when it was stopped" in studio.call("check", "--json").json["targets"][0]["reason"] or (
        studio.call("check").code == 1)
    assert studio.call(*EXPORT).code == 0
    assert files(studio) == before and not (studio.root / "build/edited").exists()


@pytest.mark.parametrize("call", ["write_all", "replace"])
def test_a_full_disk_leaves_the_old_export(
    changed: tuple[Studio, Files, Files, Files], call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full from the n-th write of the export on; what is renamed needs no room."""
    space, before, _, new = changed
    refused = 0
    for limit in itertools.count(0, 2):
        done = _exported_on_a_disk_of(limit, space, call, monkeypatch)
        if done == 0:
            break
        refused += 1
        assert done == 1
        if call == "write_all":
            assert remember(space) == before, "a full disk leaves the old"
        survive(space, before, new)
    assert refused > 3


def _exported_on_a_disk_of(limit: int, space: Studio, call: str, monkeypatch: pytest.MonkeyPatch) -> int:
    written, real = 0, getattr(atomic, call)

    def refuse(*arguments: object) -> None:
        nonlocal written
        where = str(arguments[-1]) if call == "replace" else os.readlink(f"/proc/self/fd/{arguments[0]}")
        if f"/{FOLDER}" in where:
            written += 1
            if written > limit:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), where)
        real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(atomic, call, refuse)
        return int(space.call(*EXPORT).code)


def test_a_folder_that_may_not_be_written_is_an_error(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    studio.write(DOLL, SPEC)
    studio.write("content/training", "a file")
    done = studio.call(*EXPORT, "--json")
    assert done.code in (1, 2) and done.json["diagnostics"] and "bug" not in done.err
    assert (studio.root / "content/training").read_text() == "a file"


def test_a_cancelled_export_writes_nothing(studio: Studio) -> None:
    import calotype

    studio.write(DOLL, SPEC)
    studio.call("plan")
    made = calotype.Project.open(Path(studio.root)).export_training("doll", cancel=lambda: True)
    assert made.status in ("skipped", "up_to_date") and not (studio.root / "content/training").exists()
