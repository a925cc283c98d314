"""Names whose accents stand apart (NFD), as files from a Mac have them, and together (NFC), as specs are read."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
import sketch
from PIL import Image

from calotype.ground.paths import inside, on_disk
from conftest import Space

APART = unicodedata.normalize("NFD", "refs/übung/brücke.png")
TOGETHER = unicodedata.normalize("NFC", APART)
SCENE = """\
kind: scene
id: a
title: A
reference: {image: PATH, strength: 0.6, method: img2img}
shots: [{id: s, prompt: hello, loras: [{name: ink}]}]
"""
SPEC = "kind: exercise\nid: nod\nregion: neck\nimages:\n  - {view_angle: lateral, body_position: standing, description: up}\n"


def photo(space: Space, path: str, colour: tuple[int, int, int]) -> None:
    (space.root / path).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (16, 16), colour).save(space.root / path)


@pytest.fixture
def scene(space: Space, monkeypatch: pytest.MonkeyPatch) -> Space:
    monkeypatch.syspath_prepend(str(sketch.site()))
    space.write("calotype.yaml", "version: 1\nrenderer: sketch\ndefaults: {size: [64, 64]}\n"
                "models: {base: base.safetensors}\n"
                f"loras: {{ink: {{path: {unicodedata.normalize('NFC', 'loras/tüsche.safetensors')}}}}}\n")
    space.write("base.safetensors", b"base")
    space.write(unicodedata.normalize("NFD", "loras/tüsche.safetensors"), b"ink")
    space.write("specs/scenes/a.yaml", SCENE.replace("PATH", TOGETHER))
    photo(space, APART, (200, 10, 10))
    return space


def test_a_picture_and_weights_are_found_however_their_names_are_spelled(scene: Space):
    assert scene.call("validate").code == 0
    assert scene.call("build", "--json").json["renders"] == 1
    assert scene.call("build", "--json").json["renders"] == 0
    photo(scene, APART, (10, 200, 10))
    assert scene.call("build", "--json").json["renders"] == 1


def test_the_spelling_that_is_there_is_the_one_that_is_meant(scene: Space):
    scene.call("build")
    photo(scene, TOGETHER, (10, 10, 200))
    assert scene.call("build", "--json").json["renders"] == 1
    scene.remove(str(Path(TOGETHER).parent))
    assert scene.call("build", "--json").json["cache_hits"] == 1
    assert scene.call("check").code == 0


def test_a_name_that_is_not_there_in_any_spelling_is_told(scene: Space):
    (scene.root / APART).unlink()
    done = scene.call("validate", "--json")
    assert done.code == 2 and done.json["diagnostics"][0]["code"] == "missing-file"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_spec_is_meant_however_its_name_is_typed(space: Space, form: str):
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    space.write(unicodedata.normalize("NFD", "specs/übungen/brücke.yaml"), SPEC)
    typed = unicodedata.normalize(form, "specs/übungen/brücke.yaml")
    folder = unicodedata.normalize(form, "specs/übungen")
    assert space.call("build", typed, "--json").json["renders"] == 1
    assert space.call("validate", typed).code == space.call("validate", folder).code == 0
    assert space.call("check", folder, "--json").json["up_to_date"] == 1
    line = json.loads(space.read("content/manifest/exercises/neck.jsonl"))
    assert line["spec"] == unicodedata.normalize("NFC", typed)
    assert space.call("check", "--full").code == 0


def test_a_spec_whose_name_is_spelled_otherwise_in_another_checkout_is_the_same(space: Space):
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    space.write(unicodedata.normalize("NFD", "specs/brücke.yaml"), SPEC)
    space.call("build")
    before = space.snapshot("content")
    space.move(unicodedata.normalize("NFD", "specs/brücke.yaml"), unicodedata.normalize("NFC", "specs/brücke.yaml"))
    assert space.call("check").code == 0
    assert space.call("build", "--json").json["targets"] == []
    assert space.snapshot("content") == before


def test_a_name_is_looked_for_in_the_project_alone(tmp_path: Path):
    (tmp_path / "project").mkdir()
    (tmp_path / unicodedata.normalize("NFD", "ü.png")).write_bytes(b"")
    assert on_disk(tmp_path, unicodedata.normalize("NFC", "ü.png")) == unicodedata.normalize("NFD", "ü.png")
    for path in ("../ü.png", "/ü.png", "a/../../ü.png"):
        with pytest.raises(ValueError):
            inside(tmp_path / "project", unicodedata.normalize("NFC", path))
