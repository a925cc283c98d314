"""Projects whose models are of other families than SDXL: what rebuilds what, without weights, and what is refused with a place."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from kit import build, manifest_lines, reason, tally
from PIL import Image

import single_file
import tiny_families
from calotype.workers.render.diffusers.families import FAMILIES
from conftest import REPOSITORY, Space

SPEC_FILE = "specs/exercises/arm/luca.yaml"
SPEC = """\
kind: exercise
id: luca
region: arm
title: Luca
images:
  - {id: plain, view_angle: lateral, body_position: standing, description: a plain picture}
  - {id: lora, view_angle: lateral, body_position: standing, description: a boy, loras: [{name: luca}]}
  - {id: draft, view_angle: lateral, body_position: standing, description: a draft, preset: rough}
  - {id: reference, view_angle: lateral, body_position: standing, description: as on the photo, reference: {image: refs/first.png, strength: 0.5}}
"""
CONFIG = """\
version: 1
renderer: diffusers
defaults: {size: [64, 64], preset: quick}
presets: {quick: {steps: 2}, rough: {steps: 3}}
models: {base: models/MODEL, dtype: float32, device: cpu}
loras: {luca: {path: loras/luca.safetensors, weight: 0.8, trigger_words: [luca]}}
"""
BUILT = ("z-image", "sd15")
PLAIN, LORA, DRAFT, REFERENCE = TARGETS = [f"exercises/luca/{name}" for name in ("plain", "lora", "draft", "reference")]


@pytest.fixture
def project(space: Space, request: pytest.FixtureRequest) -> Space:
    family = getattr(request, "param", "z-image")
    shutil.copytree(tiny_families.folder(family), space.root / "models" / family)
    (space.root / "loras").mkdir()
    shutil.copy(tiny_families.lora(family), space.root / "loras/luca.safetensors")
    photo(space, 1)
    space.write("calotype.yaml", CONFIG.replace("MODEL", family))
    space.write(SPEC_FILE, SPEC)
    space.settle()
    return space


def photo(space: Space, turn: int) -> None:
    drawn = Image.new("RGB", (96, 96), "white")
    drawn.paste("black", (20 * turn, 16, 20 * turn + 30, 80))
    (space.root / "refs").mkdir(exist_ok=True)
    drawn.save(space.root / "refs/first.png")


both = pytest.mark.parametrize("project", BUILT, indirect=True)


@both
def test_what_rebuilds_what(project: Space) -> None:
    """Every row of the table that concerns a model, one after another."""
    assert tally(build(project)) == (0, 4, 0, 0)
    assert len({row["pixels"] for row in manifest_lines(project).values()}) == 4
    assert tally(build(project)) == (0, 0, 4, 0)
    project.edit(SPEC_FILE, "title: Luca", "title: Luca again")
    assert build(project).json["renders"] == 0
    for file, before, after, targets in (
        (SPEC_FILE, "a plain picture", "a plain photograph", [PLAIN]),
        ("calotype.yaml", "weight: 0.8", "weight: 0.5", [LORA]), ("calotype.yaml", "rough: {steps: 3}", "rough: {steps: 4}", [DRAFT]),
        (SPEC_FILE, "strength: 0.5", "strength: 0.7", [REFERENCE]),
        ("calotype.yaml", "quick: {steps: 2}", "quick: {steps: 2, guidance_scale: 3.5}", [PLAIN, LORA, REFERENCE]),
        ("calotype.yaml", "quick: {steps: 2", "quick: {steps: 2, scheduler: own", []),
        ("calotype.yaml", "dtype: float32", "dtype: bfloat16", TARGETS), ("calotype.yaml", "device: cpu", "device: auto, memory: low", []),
    ):
        project.edit(file, before, after)
        assert build(project).statuses == dict.fromkeys(targets, "rendered"), (before, after)
    photo(project, 2)
    assert build(project).statuses == {REFERENCE: "rendered"}


def test_the_specs_of_the_guide_build_on_tiny_models_of_their_families(project: Space) -> None:
    """docs/models.md: each piece of YAML, with a tiny model in place of the one that it names."""
    section = (REPOSITORY / "docs/models.md").read_text().split("\n## Families\n")[1].split("\n## ")[0]
    spec, *configs = re.findall(r"```yaml\n(.*?)```", section, re.DOTALL)
    folders = ("sd15", "z-image", "qwen-image", "qwen-image-edit", "flux2-klein")
    assert len(configs) == len(folders) == len(FAMILIES) - 1
    project.remove(SPEC_FILE)
    project.write("specs/scenes/walk.yaml", spec)
    for folder, config in zip(folders, configs, strict=True):
        shutil.copytree(tiny_families.folder(folder), project.root / "models" / folder, dirs_exist_ok=True)
        small = re.sub(r"base: [^,}]+", f"base: models/{folder}, device: cpu", config)
        small = small.replace("[512, 512]", "[64, 64]") if "size:" in small else small.replace("defaults: {", "defaults: {size: [64, 64], ")
        project.write("calotype.yaml", small if "size:" in small else f"{small}defaults: {{size: [64, 64]}}\n")
        done = build(project)
        assert done.statuses == {"scenes/walk/first": "rendered"}, (folder, done.err)


@both
def test_a_clone_without_the_weights_checks_and_a_change_is_known(project: Space) -> None:
    build(project)
    shutil.move(project.root / "models", project.root / "away")
    project.settle()
    assert project.run("check").code == 0
    project.edit(SPEC_FILE, "a plain picture", "a plain photograph")
    done = project.run("plan", "--json")
    assert done.json["renders"] == 1
    shutil.move(project.root / "away", project.root / "models")
    assert build(project).statuses == {PLAIN: "rendered"}


def test_the_manifest_locks_the_class_and_another_model_under_the_name_is_a_change(project: Space) -> None:
    build(project)
    locks = json.loads((project.root / "content/manifest.json").read_text())["weights"]
    assert locks["models/z-image (class)"] == "ZImagePipeline"
    shutil.rmtree(project.root / "models/z-image")
    shutil.copytree(tiny_families.folder("qwen-image"), project.root / "models/z-image")
    project.edit(SPEC_FILE, "loras: [{name: luca}]", "seed: 7")
    done = build(project)
    assert done.statuses == dict.fromkeys(TARGETS, "rendered")


def test_a_checkpoint_in_one_file_is_told_by_its_tensors(project: Space) -> None:
    folder = tiny_families.folder("sd15")
    shutil.copytree(folder, project.root / "models/sd15")
    single_file.write_first(folder, project.root / "models/portrait.safetensors")
    project.edit("calotype.yaml", "models/z-image", "models/portrait.safetensors, config: models/sd15")
    project.edit(SPEC_FILE, ", loras: [{name: luca}]", "")
    assert tally(build(project)) == (0, 4, 0, 0)
    locks = json.loads((project.root / "content/manifest.json").read_text())["weights"]
    assert locks["models/portrait.safetensors (class)"] == "StableDiffusionPipeline"
    pixels = {target: row["pixels"] for target, row in manifest_lines(project).items()}
    project.edit("calotype.yaml", "models/portrait.safetensors, config: models/sd15", "models/sd15")
    build(project)
    assert pixels == {target: row["pixels"] for target, row in manifest_lines(project).items()}


def test_a_transformer_in_one_file_goes_with_the_parts_of_a_folder(project: Space) -> None:
    single_file.write_transformer("z-image", tiny_families.folder("z-image"), project.root / "models/own.safetensors")
    project.edit("calotype.yaml", "models/z-image", "models/own.safetensors, config: models/z-image")
    assert tally(build(project)) == (0, 4, 0, 0)
    project.edit("calotype.yaml", ", config: models/z-image", "")
    done = project.run("plan")
    assert done.code == 2 and "Tongyi-MAI/Z-Image-Turbo" in done.err, done.err


def test_a_class_that_nobody_knows_is_refused_with_the_list(project: Space) -> None:
    index = project.root / "models/z-image/model_index.json"
    index.write_text(json.dumps({**json.loads(index.read_text()), "_class_name": "MochiPipeline"}))
    done = project.run("build")
    assert done.code == 2 and "MochiPipeline" in done.err and "Z-Image" in done.err and "FLUX.2 klein" in done.err, done.err


@pytest.mark.parametrize(("before", "after", "words"), [
    ("quick: {steps: 2}", "quick: {steps: 2, clip_skip: 1}", "knows no `clip_skip`"),
    ("quick: {steps: 2}", "quick: {steps: 2, refiner: true}", "knows no `refiner`"),
    ("device: cpu", "device: cpu, watermark: true", "takes no `watermark`"),
    ("size: [64, 64]", "size: [72, 64]", "multiples of 16"),
], ids=["clip skip", "refiner", "watermark", "size"])
def test_what_would_do_nothing_is_refused(project: Space, before: str, after: str, words: str) -> None:
    project.edit("calotype.yaml", before, after)
    done = project.run("plan")
    assert done.code == 2 and words in done.err, done.err


def test_a_model_that_edits_works_on_the_picture_of_its_reference(project: Space) -> None:
    shutil.copytree(tiny_families.folder("flux2-klein"), project.root / "models/flux2-klein")
    project.edit("calotype.yaml", "models/z-image", "models/flux2-klein")
    project.edit(SPEC_FILE, ", loras: [{name: luca}]", "")
    assert tally(build(project)) == (0, 4, 0, 0)
    photo(project, 2)
    done = build(project)
    assert done.statuses == {REFERENCE: "rendered"}
    assert reason(done, REFERENCE).startswith("references")
