"""Bytes are proved before they are used, by whatever path: maps, references, candidates, what is published and shown."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from kit import build, manifest_lines, nod_spec, use_sketch, walk_spec

from calotype.ground.digest import sha256
from conftest import Space

REACH = "specs/exercises/neck/reach.yaml"
MAPPED = "controls: [{type: openpose, from: pose}], pose: {right: {shoulder_flexion: 80}}"
WALK = walk_spec("walk", "run")


def flipped(blob: Path, space: Space) -> bytes:
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 4
    return bytes(data)


def cut_off(blob: Path, space: Space) -> bytes:
    return blob.read_bytes()[:60]


def another_picture(blob: Path, space: Space) -> bytes:
    return next(data for file in space.files("cache/cas") if (data := (space.root / file).read_bytes()) != blob.read_bytes())


SPOILT = pytest.mark.parametrize("spoil", [flipped, cut_off, another_picture])
Spoil = Callable[[Path, Space], bytes]


@pytest.fixture
def sketched(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n")
    return space


def clean(space: Space) -> dict[str, bytes]:
    """What the specs of `space` give in a project without a past."""
    other = Space(space.root.parent / "clean", space.env)
    for name in ("specs", "refs"):
        if (space.root / name).exists():
            shutil.copytree(space.root / name, other.root / name)
    shutil.copy(space.root / "calotype.yaml", other.root)
    assert build(other).code == 0
    return published(other)


def published(space: Space) -> dict[str, bytes]:
    return {name: (space.root / name).read_bytes() for name in space.files("content")}


def blob_of(space: Space, digest: str) -> Path:
    return space.root / "cache/cas" / digest[:2] / digest[2:]


@SPOILT
def test_a_control_map(sketched: Space, spoil: Spoil) -> None:
    sketched.write(REACH, nod_spec("reach", MAPPED))
    assert build(sketched).code == 0
    asset = sha256((sketched.root / manifest_lines(sketched)["exercises/reach/01"]["path"]).read_bytes())
    [blob] = [sketched.root / file for file in sketched.files("cache/cas") if sha256((sketched.root / file).read_bytes()) != asset]
    blob.write_bytes(spoil(blob, sketched))
    sketched.edit(REACH, "description: up", "description: down")
    done = build(sketched)
    assert (done.code, done.json["renders"], done.json["failed"]) == (0, 1, 0), done.out
    assert published(sketched) == clean(sketched)


@SPOILT
def test_the_picture_that_a_shot_starts_from(sketched: Space, spoil: Spoil) -> None:
    sketched.write("specs/scenes/walk.yaml", WALK)
    assert build(sketched).code == 0
    blob = blob_of(sketched, manifest_lines(sketched)["scenes/walk/a"]["sha256"])
    blob.write_bytes(spoil(blob, sketched))
    sketched.edit("specs/scenes/walk.yaml", "run", "crawl")
    done = build(sketched)
    assert (done.code, done.json["renders"], done.json["failed"]) == (0, 1, 0), done.out
    assert published(sketched) == clean(sketched)


@SPOILT
def test_a_candidate_that_is_to_be_published(sketched: Space, spoil: Spoil) -> None:
    sketched.write(REACH, nod_spec("reach", "candidates: 2, select: first"))
    assert build(sketched).code == 0
    standing = manifest_lines(sketched)["exercises/reach/01"]["sha256"]
    [blob] = [sketched.root / file for file in sketched.files("cache/cas")
              if sha256((sketched.root / file).read_bytes()) != standing]
    blob.write_bytes(spoil(blob, sketched))
    assert sketched.call("pick", "exercises/reach/01", "2").code == 0
    done = build(sketched)
    assert (done.code, done.json["renders"], done.json["failed"]) == (0, 1, 0), done.out
    assert published(sketched) == clean(sketched)


@SPOILT
def test_a_picture_that_moves_with_its_spec_is_taken_from_its_asset(sketched: Space, spoil: Spoil) -> None:
    sketched.write(REACH, nod_spec("reach", "seed: 1"))
    assert build(sketched).code == 0
    blob = blob_of(sketched, manifest_lines(sketched)["exercises/reach/01"]["sha256"])
    data = spoil(blob, sketched) if spoil is not another_picture else b"another"
    blob.write_bytes(data)
    sketched.edit(REACH, "id: reach", "id: stretch")
    done = build(sketched)
    assert (done.code, done.json["renders"], done.json["failed"]) == (0, 0, 0), done.out
    assert published(sketched) == clean(sketched)
