"""Scorers with models in a build: scored once, told raw, done again only where weights changed."""

from __future__ import annotations

import json
import shutil

import pytest

import tiny_judges as judges
from conftest import Space

CONFIG = """\
version: 1
defaults: {size: [64, 64], candidates: 3}
models: {device: cpu}
scoring:
  weights: {pick: 0.5, clip: 0.25, vqa: 0.15, aesthetic: 0.1}
  models:
    pick: {model: models/pick}
    clip: {model: models/open, file: open_clip_model.safetensors}
    vqa: {model: models/blip}
    aesthetic: {model: models/other, head: models/head.safetensors}
"""
SPEC = """\
kind: exercise
id: chin_tuck
region: neck
title: Chin tuck
images:
  - {view_angle: lateral, body_position: seated, description: a boy seated}
"""


@pytest.fixture
def project(space: Space) -> Space:
    space.write("calotype.yaml", CONFIG)
    space.write("specs/exercises/neck/chin_tuck.yaml", SPEC)
    for name in ("pick", "other", "open", "blip"):
        shutil.copytree(judges.models() / name, space.root / "models" / name)
    shutil.copy(judges.models() / "head.safetensors", space.root / "models" / "head.safetensors")
    return space


def lines(space: Space) -> dict[str, object]:
    return json.loads(space.read("content/manifest/exercises/neck.jsonl").splitlines()[0])


def test_a_build_scores_each_candidate_by_all_four_once_and_again_only_where_weights_changed(project):
    built = project.run("build", "--json")
    assert built.code == 0, built.err
    assert built.json["actions"]["score"] == 3 * 4
    line = lines(project)
    scores = [candidate["scores"] for candidate in line["candidates"]]
    assert all(set(each) == {"pick", "clip", "vqa", "aesthetic"} for each in scores)
    assert project.call("build", "--json").json["actions"].get("score", 0) == 0
    other = project.root / "models" / "other"
    shutil.copy(other / "model.safetensors", project.root / "models" / "pick" / "model.safetensors")
    again = project.call("build", "--json")
    assert again.code == 0 and again.json["actions"]["score"] == 3 and again.json["renders"] == 0


def test_a_scorer_whose_weights_are_not_here_is_left_out_and_the_others_order(project):
    project.remove("models/blip")
    built = project.call("build", "--json")
    assert built.code == 0, built.err
    assert built.json["actions"]["score"] == 3 * 3
    assert "vqa" in built.out + built.err


def test_weights_that_are_cut_off_are_told_by_name(project):
    file = project.root / "models" / "pick" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-50])
    built = project.call("build", "--json")
    assert built.code in (1, 2)
    assert any("model.safetensors" in each["message"] + str(each["file"]) for each in built.json["diagnostics"])
    assert any("not whole" in each["message"] for each in built.json["diagnostics"])


def test_a_key_of_a_model_that_its_scorer_does_not_read_is_an_error(project):
    project.edit("calotype.yaml", "vqa: {model: models/blip}", "vqa: {model: models/blip, head: models/head.safetensors}")
    built = project.call("build", "--json")
    assert built.code == 2
    assert any("`vqa` reads no `head`" in each["message"] for each in built.json["diagnostics"])
