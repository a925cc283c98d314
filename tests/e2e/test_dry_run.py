"""What a dry run tells, on a machine that could not build; where weights are missed; where a preview lies."""

from __future__ import annotations

import json
import shutil

import pytest

import tiny
from conftest import Space

SPEC = """\
kind: exercise
id: luca
region: arm
negative_prompt: shoes
images:
  - view_angle: lateral
    body_position: standing
    description: arms down
    alt: A boy stands.
  - view_angle: lateral
    body_position: standing
    description: an arm raised
    loras: [{name: luca}]
    alt: A boy raises an arm.
"""
CONFIG = """\
version: 1
renderer: sdxl
style: short
defaults: {size: [64, 64]}
presets: {standard: {steps: 1}}
models: {base: models/base, dtype: float32, device: cpu}
loras: {luca: {path: loras/luca.safetensors, trigger_words: [luca]}}
"""
FILE = "specs/exercises/arm/luca.yaml"
PROMPTS = [
    {"target": "exercises/luca/01", "prompt": "arms down", "negative": "blurry, shoes"},
    {"target": "exercises/luca/02", "prompt": "luca, an arm raised", "negative": "blurry, shoes"},
]
DRY_RUNS = (["plan", "--prompts"], ["build", "--dry-run"], ["build", "--dry-run", "--prompts"])


@pytest.fixture
def bare(space: Space) -> Space:
    """A project whose weights are on another machine."""
    space.write("calotype.yaml", CONFIG)
    space.write("templates/styles/short.j2", "{{ description }}\n{% set negative %}\nblurry\n{% endset %}\n")
    space.write(FILE, SPEC)
    return space


@pytest.mark.parametrize("command", DRY_RUNS, ids=" ".join)
def test_the_prompts_of_every_image_are_told_without_weights(bare: Space, command: list[str]):
    before = bare.snapshot("specs", "content")
    done = bare.call(*command, "--json")
    assert done.code == 0
    assert done.json["prompts"] == PROMPTS
    assert (done.json["renders"], done.statuses) == (2, {text["target"]: "render" for text in PROMPTS})
    assert [(one["severity"], one["code"], one["line"]) for one in done.json["diagnostics"]] == [
        ("warning", "weights-missing", 6), ("warning", "weights-missing", 13)]
    said = bare.call(*command)
    assert said.code == 0
    assert "exercises/luca/02\n  prompt:   luca, an arm raised\n  negative: blurry, shoes\n" in said.out
    assert "2 images to render" in said.out.splitlines()[-1]
    assert bare.snapshot("specs", "content") == before and not bare.files("content")


@pytest.mark.parametrize("command", DRY_RUNS, ids=" ".join)
def test_the_prompts_of_current_images_are_told_with_the_mannequin_too(bare: Space, command: list[str]):
    bare.edit("calotype.yaml", "renderer: sdxl", "renderer: mannequin")
    assert bare.call("build").code == 0
    done = bare.call(*command, "--json")
    assert (done.json["prompts"], done.json["up_to_date"], done.json["targets"]) == (PROMPTS, 2, [])
    one = bare.call(*command, "exercises/luca/02", "--json").json
    assert (one["prompts"], one["up_to_date"]) == (PROMPTS[1:], 1)


def test_a_plan_tells_no_prompts_unless_asked_and_needs_its_weights(bare: Space):
    assert bare.call("plan").code == 2
    bare.edit("calotype.yaml", "renderer: sdxl", "renderer: mannequin")
    assert "prompts" not in bare.call("plan", "--json").json


def test_prompts_of_a_build_that_renders_are_refused(bare: Space):
    assert bare.call("build", "--prompts").code == 2


def test_missing_weights_are_told_with_the_line_of_the_spec_and_a_lora_by_its_name(bare: Space):
    done = bare.call("validate", "--json")
    assert done.code == 0
    base, lora = done.json["diagnostics"]
    assert (base["severity"], base["code"], base["file"], base["line"]) == ("warning", "weights-missing", FILE, 6)
    assert "`models/base`" in base["message"]
    assert (lora["severity"], lora["file"], lora["line"]) == ("warning", FILE, 13)
    assert lora["message"] == "the LoRA `luca` (`loras/luca.safetensors`) is not there"
    shutil.copytree(tiny.models() / "base", bare.root / "models/base")
    done = bare.call("build", "--json")
    assert done.code == 2 and not bare.files("content")
    (lora,) = done.json["diagnostics"]
    assert (lora["severity"], lora["file"], lora["line"]) == ("error", FILE, 13)


def test_weights_that_many_images_miss_are_told_once(bare: Space):
    for number in range(5):
        bare.write(f"specs/exercises/arm/l{number}.yaml", SPEC.replace("id: luca", f"id: l{number}"))
    for command in (["validate"], ["validate", "--full"], ["build"], ["build", "--dry-run"]):
        messages = [one["message"] for one in bare.call(*command, "--json").json["diagnostics"]
                    if one["code"] == "weights-missing"]
        assert len(messages) == len(set(messages)), command


def test_an_overridden_build_ends_with_where_its_pictures_are_and_how_to_publish_them(bare: Space):
    bare.edit("calotype.yaml", "renderer: sdxl", "renderer: mannequin")
    said = bare.call("build", "--preset", "quality")
    assert said.out.splitlines()[-1] == (
        "in build/preview/quality/; to publish these: defaults: {preset: quality}")
    assert bare.files("build/preview/quality")
    said = bare.call("build", "--preset", "draft", "--renderer", "mannequin")
    assert said.out.splitlines()[-1] == (
        "in build/preview/draft-mannequin/; to publish these: defaults: {preset: draft, renderer: mannequin}")
    json.loads(bare.call("build", "--preset", "quality", "--json").out)
    assert "preview" not in bare.call("build").out
    bare.edit("calotype.yaml", "size: [64, 64]", "size: [64, 64], preset: draft, renderer: mannequin")
    assert bare.call("validate").code == 0
