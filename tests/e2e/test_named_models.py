"""Several models by their names: which image is drawn with which, what that rebuilds, and how often each is loaded."""

from __future__ import annotations

import json
import shutil

import pytest
from kit import build, manifest_lines, reason, tally

import tiny
import tiny_families
from calotype.workers import warm
from conftest import Space

CONFIG = """\
version: 1
renderer: diffusers
defaults: {size: [64, 64], preset: quick, model: portrait}
presets:
  quick: {steps: 2, guidance_scale: 3.0}
  wide: {steps: 2, guidance_scale: 3.0, model: town}
models:
  device: cpu
  dtype: float32
  portrait: {base: models/z-image}
  town: {base: models/base}
  sketch: {base: models/vae-less}
"""
SPEC_FILE = "specs/scenes/day.yaml"
NAMES = ("portrait", "town", "sketch")


@pytest.fixture
def project(space: Space) -> Space:
    shutil.copytree(tiny_families.folder("z-image"), space.root / "models/z-image")
    shutil.copytree(tiny.models() / "base", space.root / "models/base")
    shutil.copytree(tiny.models() / "base", space.root / "models/vae-less")
    index = space.root / "models/vae-less/tokenizer/tokenizer_config.json"  # another model, by a byte
    index.write_text(index.read_text() + "\n")
    space.write("calotype.yaml", CONFIG)
    shots = [{"id": f"s{number}", "prompt": f"a boy {number}", "seed": number, "model": NAMES[number % 3]} for number in range(12)]
    space.write(SPEC_FILE, json.dumps({"kind": "scene", "id": "day", "title": "A day", "shots": shots}, indent=1))
    space.settle()
    return space


def pixels(space: Space) -> dict[str, str]:
    return {target.rpartition("/")[2]: row["pixels"] for target, row in manifest_lines(space).items()}


def test_each_model_is_loaded_once_whatever_the_order_of_the_images(project: Space) -> None:
    warm.PROCESS.close()
    done = project.call("build", "--json", "-j", "1")
    assert (done.code, done.json["renders"]) == (0, 12)
    assert warm.PROCESS.get("renderer", "diffusers")._host.counts["loads"] == 3  # type: ignore[attr-defined]
    assert tally(build(project)) == (0, 0, 12, 0)


def test_a_model_s_name_is_in_no_key_and_what_it_is_decides(project: Space) -> None:
    build(project)
    before = pixels(project)
    project.edit("calotype.yaml", "town:", "city:")
    project.edit("calotype.yaml", "model: town", "model: city")
    project.write(SPEC_FILE, (project.root / SPEC_FILE).read_text().replace('"town"', '"city"'))
    assert build(project).json["renders"] == 0
    project.edit("calotype.yaml", "portrait: {base: models/z-image}", "portrait: {base: models/base}")
    done = build(project)
    assert done.statuses == {f"scenes/day/s{number}": "rendered" for number in range(0, 12, 3)}
    why = reason(done, "scenes/day/s0")
    assert why.startswith("models.base: ") and "(calotype.yaml:10)" in why.partition(", ")[0], why
    assert {name for name, digest in pixels(project).items() if digest != before[name]} == {f"s{number}" for number in range(0, 12, 3)}


def test_an_image_s_own_word_counts_before_its_preset_s_and_that_before_the_project_s(project: Space) -> None:
    project.write(SPEC_FILE, """\
kind: scene
id: day
title: A day
shots:
  - {id: project, prompt: a boy, seed: 1}
  - {id: preset, prompt: a boy, seed: 1, preset: wide}
  - {id: own, prompt: a boy, seed: 1, preset: wide, model: portrait}
  - {id: said, prompt: a boy, seed: 1, model: town}
""")
    build(project)
    found = pixels(project)
    assert found["project"] == found["own"] and found["preset"] == found["said"] and found["project"] != found["preset"]
    project.edit(SPEC_FILE, "seed: 1, model: town", "seed: 1, model: portrait")
    assert build(project).json["renders"] == 0 and len(set(pixels(project).values())) == 2


def test_one_model_without_a_name_is_that_of_images_that_name_none(project: Space) -> None:
    project.edit("calotype.yaml", ", model: portrait}", "}")
    project.edit("calotype.yaml", "  device: cpu", "  device: cpu\n  base: models/base")
    project.write(SPEC_FILE, "kind: scene\nid: day\ntitle: A day\nshots:\n  - {id: a, prompt: a boy}\n  - {id: b, prompt: a boy, model: portrait}\n")
    build(project)
    before = pixels(project)
    assert before["a"] != before["b"]
    project.write("calotype.yaml", CONFIG.replace("model: portrait}", "model: town}", 1))
    assert build(project).json["renders"] == 0, "the same model under a name"


@pytest.mark.parametrize(("before", "after", "place", "words"), [
    (", model: portrait}", "}", "calotype.yaml:7:1", "defaults: {model: portrait}"),
    ("model: portrait}", "model: portait}", "calotype.yaml:3:50", "did you mean `portrait`?"),
    ("model: town}", "model: twn}", "calotype.yaml:6:48", "did you mean `town`?"),
    ("town: {base", "town: {device: cpu, base", "calotype.yaml:11:10", "device"),
    ("town: {base: models/base}", "town: {variant: fp16}", "calotype.yaml:11", "base"),
], ids=["no default", "an unknown default", "an unknown one of a preset", "the machine's", "without a base"])
def test_what_is_wrong_with_models_is_told_with_its_place(project: Space, before: str, after: str, place: str, words: str) -> None:
    project.edit("calotype.yaml", before, after)
    done = project.run("validate")
    assert done.code == 2 and place in done.err and words in done.err and "guidance 3" not in done.err, done.err


def test_an_unknown_model_of_an_image_is_told_with_its_place(project: Space) -> None:
    project.write(SPEC_FILE, "kind: scene\nid: day\ntitle: A day\nshots:\n  - {id: a, prompt: a boy, model: potrait}\n")
    done = project.run("validate")
    assert done.code == 2 and f"{SPEC_FILE}:5:" in done.err and "did you mean `portrait`?" in done.err, done.err


def test_weights_of_every_model_are_told_and_none_is_needed_to_check(project: Space) -> None:
    build(project)
    said = project.run("models").out
    assert all(name in said for name in ("models/z-image", "models/base", "models/vae-less")), said
    shutil.rmtree(project.root / "models")
    assert project.run("check").code == 0
