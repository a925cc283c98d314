"""`check` and `validate` believe the record of the last build, and say what they would say without it."""

from __future__ import annotations

import io
import os
import random
import re
from collections.abc import Callable

import pytest
from PIL import Image

from calotype.plan import analysis
from conftest import Space

NAMES = ("nod", "bow", "tilt", "turn")
PNG = "content/images/exercises/neck/{name}_01.png"
CONFIG = "version: 1\ndefaults: {size: [64, 64]}\n"
TEXT = """\
kind: exercise
id: {name}
region: neck
title: {name}
images:
  - {{view_angle: lateral, body_position: seated, description: the {name} of the head without any text, seed: {seed}}}
  - {{view_angle: lateral, body_position: standing, description: left arm up, reference: {{image: refs/a.png}}}}
"""
CHARACTER = "kind: character\nid: ann\nprompt: a girl\nidentity: {method: palette, threshold: 0.5}\n"
SCENE = "kind: scene\nid: tea\ncharacters: [ann]\nshots: [{id: cup, prompt: ann holds a cup}]\nenhance: {iterations: 2}\n"


def png(shade: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (shade, 0, 0)).save(file, "PNG")
    return file.getvalue()


def file_of(name: str) -> str:
    return f"specs/exercises/neck/{name}.yaml"


@pytest.fixture
def built(space: Space) -> Space:
    """Four exercises, a character with a warning and a scene, built, and settled on the disk."""
    space.write("calotype.yaml", CONFIG)
    space.write("refs/a.png", png(0))
    space.write("specs/characters/ann.yaml", CHARACTER)
    space.write("specs/scenes/tea.yaml", SCENE)
    for seed, name in enumerate(NAMES):
        space.write(file_of(name), TEXT.format(name=name, seed=seed))
    space.settle()
    assert space.call("build", "-q").code == 0
    return space


def same_as_full(space: Space, *words: str) -> str:
    """What a command says, which must be what it says with --full, but for the seconds."""
    quick, full = space.call(*words), space.call(*words, "--full")
    assert (quick.code, clean(quick.out), clean(quick.err)) == (full.code, clean(full.out), clean(full.err))
    return quick.out


def clean(text: str) -> str:
    return re.sub(r'("seconds": |time=")[\d.]+|\([\d.]+ s\)', "", text)


def all_forms(space: Space) -> None:
    for words in (["check", "--json"], ["check", "--format", "junit"], ["check", "exercises/nod", "--json"],
                  ["check", "-v"], ["validate", "--json"], ["validate", "specs/exercises"]):
        same_as_full(space, *words)


def shot(space: Space, name: str, old: str, new: str) -> None:
    path = file_of(name)
    if (space.root / path).exists() and old in space.read(path):
        space.write(path, space.read(path).replace(old, new))


EDITS: tuple[Callable[[Space, str, random.Random], object], ...] = (
    lambda space, name, draw: shot(space, name, "the head", "the neck"),
    lambda space, name, draw: shot(space, name, "left arm", "right arm"),
    lambda space, name, draw: shot(space, name, "region: neck", draw.choice(["region: hip", "regoin: neck"])),
    lambda space, name, draw: shot(space, name, "regoin", "region"),
    lambda space, name, draw: space.write(file_of(name), TEXT.format(name=name, seed=draw.randrange(9))),
    lambda space, name, draw: space.write(file_of("a_twin"), TEXT.format(name=name, seed=7)),
    lambda space, name, draw: (space.root / file_of("a_twin")).unlink(missing_ok=True),
    lambda space, name, draw: (space.root / file_of(name)).unlink(missing_ok=True),
    lambda space, name, draw: (space.root / PNG.format(name=name)).unlink(missing_ok=True),
    lambda space, name, draw: space.write(PNG.format(name=name), b"edited by hand"),
    lambda space, name, draw: space.write("calotype.yaml", CONFIG + f"base_seed: {draw.randrange(3)}\n"),
    lambda space, name, draw: space.write("specs/characters/ann.yaml", CHARACTER + draw.choice(["", "background: sea\n"])),
    lambda space, name, draw: (space.root / "refs/a.png").unlink(missing_ok=True),
    lambda space, name, draw: space.write("refs/a.png", png(draw.randrange(3))),
    lambda space, name, draw: space.write("specs/poses/bow.yaml", "base: standing\nneck_flexion: 30\n"),
    lambda space, name, draw: space.call("build", "-q"),
    lambda space, name, draw: space.call("build", "-q", f"exercises/{name}"),
    lambda space, name, draw: (space.settle(), space.call("build", "-q")),
)


@pytest.mark.parametrize("seed", range(4))
def test_random_edits_are_told_as_by_a_full_check(built: Space, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(6):
        draw.choice(EDITS)(built, draw.choice(NAMES), draw)
        all_forms(built)


def test_where_nothing_changed_no_spec_is_read(built: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    same_as_full(built, "validate", "--json")
    expected = [built.call(*words).json for words in (["check", "--json"], ["validate", "--json"])]
    monkeypatch.setattr(analysis, "plan_spec", lambda spec, *_: pytest.fail(f"{spec.file} was read"))
    for words, before in zip((["check", "--json"], ["validate", "--json"]), expected, strict=True):
        found = built.call(*words).json
        assert found | {"seconds": 0} == before | {"seconds": 0}
    with pytest.raises(pytest.fail.Exception, match="was read"):
        built.call("check", "--full")


def test_warnings_of_specs_that_are_not_read_are_told(built: Space) -> None:
    codes = [one["code"] for one in built.call("check", "--json").json["diagnostics"]]
    assert codes == ["identity-uncompared"]


def test_a_picture_edited_by_hand_is_found_with_its_mtime_put_back(built: Space) -> None:
    path = built.root / PNG.format(name="nod")
    before, data = path.stat(), path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert built.call("check", "--json").statuses == {"exercises/nod/01": "modified"}


def test_check_writes_nothing(built: Space) -> None:
    built.edit(file_of("nod"), "seed: 0", "seed: 8")
    before = built.snapshot("specs", "content", "build", "cache")
    assert built.call("check").code == 1
    assert built.snapshot("specs", "content", "build", "cache") == before


def test_a_picture_that_no_renderer_reads_is_missed_all_the_same(built: Space) -> None:
    built.remove("refs/a.png")
    assert built.call("check").code == 2
