"""What rebuilds what, with the SDXL renderer and real (tiny) models: by the command line, from specs to images."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from kit import build, manifest_lines, reason, tally
from PIL import Image

import tiny
from calotype.workers import warm
from conftest import Space

SPEC_FILE = "specs/exercises/arm/luca.yaml"
NAMES = ("plain", "lora", "draft", "reference", "control", "map")
PLAIN, LORA, DRAFT, REFERENCE, CONTROL, MAP = TARGETS = [f"exercises/luca/{name}" for name in NAMES]
SPEC = """\
kind: exercise
id: luca
region: arm
title: Luca
images:
  - {id: plain, view_angle: lateral, body_position: standing, description: a plain picture}
  - {id: lora, view_angle: lateral, body_position: standing, description: a boy, loras: [{name: luca}]}
  - {id: draft, view_angle: lateral, body_position: standing, description: a draft, preset: rough}
  - id: reference
    view_angle: lateral
    body_position: standing
    description: as on the photo
    reference: {image: refs/first.png, strength: 0.5}
  - id: control
    view_angle: lateral
    body_position: standing
    description: held
    controls: [{type: openpose, from: pose, strength: 0.9}]
  - id: map
    view_angle: lateral
    body_position: standing
    description: edges
    controls: [{type: canny, image: refs/first.png}]
"""
CONFIG = """\
version: 1
renderer: sdxl
defaults: {size: [64, 64], preset: quick}
presets:
  quick: {steps: 2, guidance_scale: 5.0}
  rough: {steps: 3, guidance_scale: 5.0}
models: {base: models/base, dtype: float32, device: cpu}
loras: {luca: {path: loras/luca.safetensors, weight: 0.8, trigger_words: [luca]}}
controlnets:
  openpose: {model: models/openpose}
  canny: {model: models/canny}
"""


@pytest.fixture
def project(space: Space) -> Space:
    """A project of six images that each read something else; not built."""
    models = tiny.models()
    for source, name in (("base", "base"), ("controlnets/openpose", "openpose"), ("controlnets/canny", "canny")):
        shutil.copytree(models / source, space.root / "models" / name)
    (space.root / "loras").mkdir()
    shutil.copy(models / "loras/a.safetensors", space.root / "loras/luca.safetensors")
    photo(space, "refs/first.png", 1)
    space.write("calotype.yaml", CONFIG)
    space.write(SPEC_FILE, SPEC)
    return space


@pytest.fixture
def lucas(project: Space) -> Space:
    project.settle()
    assert tally(build(project)) == (0, 6, 0, 0)
    return project


def photo(space: Space, path: str, turn: int) -> None:
    """A picture with edges in it."""
    picture = Image.new("RGB", (96, 96), "white")
    picture.paste("black", (20 * turn, 16, 20 * turn + 30, 80))
    (space.root / path).parent.mkdir(parents=True, exist_ok=True)
    picture.save(space.root / path)


def test_every_image_is_a_picture_of_its_own(lucas: Space) -> None:
    found = manifest_lines(lucas)
    assert len({row["pixels"] for row in found.values()}) == 6
    assert all(row["size"] == [64, 64] and row["renderer"] == "sdxl" for row in found.values())
    assert tally(build(lucas)) == (0, 0, 6, 0)


def test_nothing_that_is_not_read_renders_anything(lucas: Space) -> None:
    lucas.edit(SPEC_FILE, "title: Luca", "title: Luca again")
    os.utime(lucas.root / "loras/luca.safetensors")
    os.utime(lucas.root / "models/base/unet/config.json")
    assert build(lucas).json["renders"] == 0
    lucas.edit("calotype.yaml", "device: cpu", "device: auto, memory: low")
    assert build(lucas).json["renders"] == 0


def test_the_renderer_s_other_name_renders_nothing_and_both_share_what_is_loaded(lucas: Space) -> None:
    lucas.edit("calotype.yaml", "renderer: sdxl", "renderer: diffusers")
    lucas.settle()
    assert build(lucas).json["renders"] == 0 and lucas.run("check").code == 0
    lucas.edit(SPEC_FILE, "description: a plain picture", "description: a picture of snow, renderer: sdxl")
    lucas.edit(SPEC_FILE, "description: a draft", "description: a draft of snow")
    warm.PROCESS.close()
    done = build(lucas)
    assert done.statuses == {PLAIN: "rendered", DRAFT: "rendered"}
    assert warm.PROCESS.get("renderer", "diffusers")._host.counts["loads"] == 1  # type: ignore[attr-defined]


def test_a_description_renders_that_image(lucas: Space) -> None:
    lucas.edit(SPEC_FILE, "a plain picture", "a plain photograph")
    done = build(lucas)
    assert (done.statuses, done.json["renders"]) == ({PLAIN: "rendered"}, 1)
    assert reason(done, PLAIN).startswith("prompt: ")


def test_a_lora_s_weight_renders_the_images_that_use_it(lucas: Space) -> None:
    lucas.edit("calotype.yaml", "weight: 0.8", "weight: 0.5")
    done = build(lucas)
    assert done.statuses == {LORA: "rendered"}
    assert reason(done, LORA) == "loras[luca].weight: 0.8 -> 0.5 (calotype.yaml:8)"


def test_a_lora_s_bytes_render_the_images_that_use_it(lucas: Space) -> None:
    shutil.copy(tiny.models() / "loras/b.safetensors", lucas.root / "loras/luca.safetensors")
    done = build(lucas)
    assert done.statuses == {LORA: "rendered"}
    assert reason(done, LORA).startswith("loras[luca].weights: ")


def test_a_lora_under_another_name_renders_nothing(lucas: Space) -> None:
    lucas.move("loras/luca.safetensors", "loras/luca_v1.safetensors")
    lucas.edit("calotype.yaml", "loras/luca.s", "loras/luca_v1.s")
    assert build(lucas).json["renders"] == 0


def test_a_control_s_strength_renders_the_images_it_holds(lucas: Space) -> None:
    lucas.edit(SPEC_FILE, "strength: 0.9", "strength: 0.4")
    done = build(lucas)
    assert done.statuses == {CONTROL: "rendered"}
    assert reason(done, CONTROL).startswith("controls[0].strength: 0.9 -> 0.4")


def test_a_reference_counts_by_its_pixels_and_by_the_edges_that_are_read_of_it(lucas: Space) -> None:
    picture = Image.open(lucas.root / "refs/first.png")
    picture.save(lucas.root / "refs/first.png", compress_level=0, dpi=(300, 300))
    assert build(lucas).json["renders"] == 0
    faint = picture.copy()
    faint.putpixel((0, 0), (254, 255, 255))
    faint.save(lucas.root / "refs/first.png")
    done = build(lucas)
    assert (done.statuses, done.json["renders"]) == ({REFERENCE: "rendered", MAP: "cached"}, 1)  # the same edges
    photo(lucas, "refs/first.png", 2)
    assert build(lucas).statuses == {REFERENCE: "rendered", MAP: "rendered"}


def test_a_scheduler_renders_the_images_of_that_preset(lucas: Space) -> None:
    lucas.edit("calotype.yaml", "rough: {steps: 3", "rough: {scheduler: EulerDiscreteScheduler, scheduler_args: {}, steps: 3")
    done = build(lucas)
    assert done.statuses == {DRAFT: "rendered"}
    assert "scheduler" in reason(done, DRAFT)


def test_a_model_s_own_scheduler_config_counts(lucas: Space) -> None:
    path = "models/base/scheduler/scheduler_config.json"
    config = json.loads(lucas.read(path))
    lucas.write(path, json.dumps({**config, "beta_start": 0.001}))
    assert build(lucas).json["renders"] == 6


def test_what_is_not_loaded_of_a_model_does_not_count(lucas: Space) -> None:
    lucas.write("models/base/README.md", "# about this model")
    lucas.write("models/base/unet/diffusion_pytorch_model.fp16.safetensors", b"another variant")
    assert build(lucas).json["renders"] == 0


def test_a_controlnet_s_weights_render_the_images_it_holds(lucas: Space) -> None:
    shutil.rmtree(lucas.root / "models/openpose")
    shutil.copytree(tiny.models() / "controlnets/canny", lucas.root / "models/openpose")
    assert build(lucas).statuses == {CONTROL: "rendered"}


def test_check_needs_no_weights_and_a_build_that_does_says_so(lucas: Space) -> None:
    before = manifest_lines(lucas)
    shutil.rmtree(lucas.root / "models")
    shutil.rmtree(lucas.root / "cache")
    assert lucas.call("check").code == 0
    assert tally(build(lucas)) == (0, 0, 6, 0)
    lucas.edit(SPEC_FILE, "a plain picture", "another picture")
    done = lucas.call("build", "--json")
    assert done.code == 2
    [told] = done.json["diagnostics"]
    assert told["code"] == "weights-missing" and "models/base" in told["message"]
    assert manifest_lines(lucas) == before


def test_a_hub_model_counts_by_its_revision_s_weights(project: Space, tmp_path: Path) -> None:
    hub = tmp_path / "hub" / "models--tiny--sdxl"
    other = tiny.models() / "base"
    for commit in ("a" * 40, "b" * 40, "c" * 40):
        shutil.copytree(other, hub / "snapshots" / commit)
    config = hub / "snapshots" / ("c" * 40) / "scheduler" / "scheduler_config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "beta_start": 0.001}))
    (hub / "refs").mkdir()
    (hub / "refs" / "main").write_text("a" * 40)
    project.env["HF_HUB_CACHE"] = str(hub.parent)
    project.edit("calotype.yaml", "base: models/base,", f"base: tiny/sdxl, revision: {'a' * 40},")
    assert tally(project.run("build", "--json")) == (0, 6, 0, 0)
    project.edit("calotype.yaml", "a" * 40, "b" * 40)
    assert project.run("build", "--json").json["renders"] == 0
    project.edit("calotype.yaml", "b" * 40, "c" * 40)
    done = project.run("build", "--json")
    assert done.json["renders"] == 6
    assert reason(done, PLAIN).startswith("models.base: ")


CAST = """\
kind: character
id: luca
prompt: luca, a boy
loras: [{name: luca, weight: 0.6}]
references: [refs/first.png]
anchors:
  candidates: 2
  poses:
    - {id: front, prompt: from the front, pose: {base: standing}}
variations:
  - {id: wave, anchor: front, prompt: waving, strength: 0.5, pose: {right: {shoulder_flexion: 90}}}
"""
SCENE = """\
kind: scene
id: tea
characters: [luca]
chain: true
reference: {strength: 0.6, method: both, control: canny}
shots:
  - {id: pour, prompt: pouring tea, preset: fine}
  - {id: sip, prompt: a sip}
  - {id: smile, prompt: a smile, reference: {strength: 0.9, method: auto, control: canny}}
"""
SIP, SMILE, POUR, WAVE = "scenes/tea/sip", "scenes/tea/smile", "scenes/tea/pour", "characters/luca/variations/wave_01"


@pytest.fixture
def cast(project: Space) -> Space:
    """A character with references, a variation, and a chained scene whose shots are led by the edges of the last."""
    models = tiny.models()
    shutil.copytree(models / "ip_adapter", project.root / "models/ip")
    shutil.copytree(models / "refiner", project.root / "models/refiner")
    project.remove(SPEC_FILE)
    project.edit("calotype.yaml", "device: cpu}", "device: cpu, refiner: models/refiner,\n"
                 "  ip_adapter: {model: models/ip, file: adapter.safetensors, encoder: encoder}}")
    project.edit("calotype.yaml", "presets:", "presets:\n  fine: {steps: 4, refiner: true, refiner_start: 0.5}")
    project.write("specs/characters/luca.yaml", CAST)
    project.write("specs/scenes/tea.yaml", SCENE)
    project.settle()
    assert tally(build(project)) == (0, 6, 0, 0)
    return project


def requests(space: Space) -> dict[str, dict[str, object]]:
    shards = (path for path in space.files("content/manifest") if path.endswith(".jsonl"))
    rows = (json.loads(line) for shard in shards for line in space.read(shard).splitlines())
    return {row["target"]: row["request"] for row in rows}


def test_a_chain_is_led_by_the_edges_of_the_picture_before(cast: Space) -> None:
    found = requests(cast)
    assert (found[SIP]["method"], found[SMILE]["method"]) == ("both", "both")
    assert "method" not in found[POUR] and found[POUR]["refiner_start"] == 0.5
    assert all(len(found[shot]["controls"]) == 1 for shot in (SIP, SMILE))
    assert found[WAVE]["method"] == "img2img" and "controls" not in found[WAVE]
    assert all("faces" in one and "loras" in one for one in found.values())
    assert tally(build(cast)) == (0, 0, 5, 0)


def test_a_shot_that_comes_out_otherwise_renders_those_after_it(cast: Space) -> None:
    cast.edit("specs/scenes/tea.yaml", "a sip", "a long sip")
    done = build(cast)
    assert done.statuses == {SIP: "rendered", SMILE: "rendered"}
    plan = cast.call("plan", "--json")
    assert plan.json["renders"] == 0


def test_a_bare_clone_of_a_chain_is_checked_without_cache_or_weights(cast: Space) -> None:
    for folder in ("cache", "build", "models"):
        shutil.rmtree(cast.root / folder)
    assert cast.call("check").code == 0
    assert tally(build(cast)) == (0, 0, 5, 0)


def test_a_reference_of_a_character_with_other_pixels_renders_all_its_images(cast: Space) -> None:
    photo(cast, "refs/first.png", 2)
    assert build(cast).json["renders"] == 6


def test_one_lora_under_two_names_adds_up_and_one_of_weight_0_says_nothing(project: Space) -> None:
    project.edit("calotype.yaml", "loras: {", "loras: {again: {path: loras/luca.safetensors, weight: 0.3}, "
                 "mute: {path: loras/luca.safetensors, trigger_words: [unheard]}, ")
    project.edit(SPEC_FILE, "loras: [{name: luca}]", "loras: [{name: luca, weight: 0.9}, {name: again}, {name: mute, weight: 0}]")
    done = project.call("build", LORA, "--json")
    assert done.json["renders"] == 1, done.json["diagnostics"]
    line = manifest_lines(project)[LORA]
    assert [row["weight"] for row in line["request"]["loras"]] == [1.2]
    assert "luca" in line["request"]["prompt"] and "unheard" not in line["request"]["prompt"]
