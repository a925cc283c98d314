"""Every state that a picture or a set can be in is reached from the command line, with cache and weights and on a bare
clone that has neither, and is told alike by `list`, `check` and a clone of what was reached."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import tiny
from conftest import Run, Space

STATES = (
    "fresh", "candidate", "picked", "approved", "stale-approved", "rejected", "awaiting", "imported", "included",
    "fallen out", "exported", "trained", "stale set",
)
NOD, BOW = "exercises/nod/01", "characters/doll/variations/bow_01"
SET, LORA, WORN = "characters/doll/training_set", "characters/doll/lora", "scenes/worn/one"
NOD_SPEC, DOLL_SPEC = "specs/exercises/neck/nod.yaml", "specs/characters/doll.yaml"
FILES = {
    ".gitignore": "build/\ncache/\nmodels/\ncontent/training/\n",
    "calotype.yaml": """\
version: 1
defaults: {size: [64, 64], preset: quick}
presets: {quick: {steps: 2, guidance_scale: 5.0}}
models: {base: models/base, dtype: float32, device: cpu}
loras: {fit: {from: characters/doll, weight: 0.8}}
""",
    NOD_SPEC: """\
kind: exercise
id: nod
region: neck
title: Nod
images: [{view_angle: lateral, body_position: seated, description: up, candidates: 3}]
""",
    DOLL_SPEC: """\
kind: character
id: doll
prompt: a figure
anchors:
  poses:
    - {id: front, view_angle: anterior, pose: standing}
    - {id: side, view_angle: lateral, pose: standing}
    - {id: back, view_angle: posterior, pose: standing}
variations: [{id: bow, anchor: side, view_angle: lateral, pose: {base: standing, spine_flexion: 30}}]
training_set: {trigger_word: thedoll, min: 3, max: 5, train: {steps: 2, rank: 2}}
""",
    "specs/scenes/drawn.yaml": """\
kind: scene
id: drawn
title: Drawn by a model
shots: [{id: one, prompt: a plain figure, alt: A figure., renderer: sdxl}]
""",
}
WORN_SPEC = """\
kind: scene
id: worn
title: Drawn with the LoRA
shots: [{id: one, prompt: a figure, alt: A figure., renderer: sdxl, loras: [{name: fit}]}]
"""


@dataclass(frozen=True)
class Reached:
    """A target in its state: what `list` says of it, and the exit code of `check`; the same in a clone of it."""

    target: str
    row: dict[str, Any]
    code: int = 0
    clone: dict[str, Any] = field(default_factory=dict)
    clone_code: int | None = None


Reach = Callable[[Space], Reached]
REACH: dict[str, Reach] = {}
UP_TO_DATE = {"state": "up_to_date", "decision": "", "curation": ""}
NOT_BUILT = {"state": "not_built"}


def state(name: str) -> Callable[[Reach], Reach]:
    def registered(reach: Reach) -> Reach:
        REACH[name] = reach
        return reach

    return registered


def do(space: Space, *words: str, code: int = 0) -> Run:
    done = space.call(*words)
    assert done.code == code, f"{words}\n{done.out}{done.err}"
    return done


def row(space: Space, target: str) -> dict[str, Any]:
    (only,) = do(space, "list", target, "--json").json["targets"]
    return dict(only)


def has_weights(space: Space) -> bool:
    return (space.root / "models").exists()


@state("fresh")
def fresh(space: Space) -> Reached:
    assert do(space, "build", "--json").json["renders"] == 0
    return Reached(NOD, UP_TO_DATE)


@state("candidate")
def candidate(space: Space) -> Reached:
    space.edit(NOD_SPEC, "candidates: 3", "candidates: 4")
    do(space, "build")
    # All of them can be written out where a cache has them; of a bare clone just the one that it rendered.
    cached = has_weights(space)
    do(space, "show", NOD, "--candidates", "-o", str(space.root.parent / "shown"), code=0 if cached else 1)
    assert len(list((space.root.parent / "shown").glob("nod_01_*.png"))) == (4 if cached else 1)
    return Reached(NOD, {**UP_TO_DATE, "candidates": 4})


@state("picked")
def picked(space: Space) -> Reached:
    do(space, "pick", NOD, "2")
    do(space, "build")
    return Reached(NOD, {**UP_TO_DATE, "decision": "picked"})


@state("approved")
def approved(space: Space) -> Reached:
    do(space, "approve", NOD)
    do(space, "build")
    return Reached(NOD, {**UP_TO_DATE, "decision": "approved"})


@state("stale-approved")
def stale_approved(space: Space) -> Reached:
    approved(space)
    space.edit(NOD_SPEC, "view_angle: lateral", "view_angle: anterior")
    before = space.snapshot("content/images")
    do(space, "build", code=3)
    assert space.snapshot("content/images") == before
    return Reached(NOD, {"state": "awaiting", "decision": "stale-approved"}, code=3)


@state("rejected")
def rejected(space: Space) -> Reached:
    for number in ("1", "2", "3"):
        do(space, "reject", NOD, number, "--reason", "the chin juts forward")
    do(space, "build", code=3)
    return Reached(NOD, {"state": "awaiting", "decision": "rejected"}, code=3)


@state("awaiting")
def awaiting(space: Space) -> Reached:
    space.edit(NOD_SPEC, "candidates: 3", "candidates: 3, select: human")
    do(space, "build", code=3)
    # A clone has no candidates to look at: a build has to render them first.
    return Reached(NOD, {"state": "awaiting", "decision": ""}, code=3, clone={"state": "stale"}, clone_code=1)


@state("imported")
def imported(space: Space) -> Reached:
    Image.radial_gradient("L").resize((64, 64)).convert("RGB").save(space.root / "retouched.png")
    do(space, "pick", NOD, "retouched.png")
    (space.root / "retouched.png").unlink()
    return Reached(NOD, {**UP_TO_DATE, "decision": "imported"})


@state("included")
def included(space: Space) -> Reached:
    do(space, "include", BOW)
    do(space, "build")
    return Reached(BOW, {**UP_TO_DATE, "curation": "included"})


@state("fallen out")
def fallen_out(space: Space) -> Reached:
    included(space)
    space.edit(DOLL_SPEC, "spine_flexion: 30", "spine_flexion: 60")
    assert "fallen-out" in [fault["code"] for fault in do(space, "build", "--json").json["diagnostics"]]
    return Reached(BOW, {**UP_TO_DATE, "curation": "fallen-out"})


@state("exported")
def exported(space: Space) -> Reached:
    do(space, "export", "training", "doll")
    assert len(space.files("content/training/doll/images")) == 2 * 3 + 1
    return Reached(SET, {"state": "up_to_date"}, clone=NOT_BUILT)


@state("trained")
def trained(space: Space) -> Reached:
    exported(space)
    do(space, "approve", SET)
    if not has_weights(space):  # a LoRA is trained on the base model: refused by its name, and nothing is harmed
        refused = do(space, "build", LORA, code=2)
        assert "models/base" in refused.err
        return Reached(LORA, NOT_BUILT)
    do(space, "build", LORA)
    space.write("specs/scenes/worn.yaml", WORN_SPEC)
    do(space, "build")
    return Reached(LORA, {"state": "up_to_date"}, clone=NOT_BUILT)


@state("stale set")
def stale_set(space: Space) -> Reached:
    exported(space)
    do(space, "include", BOW)
    return Reached(SET, {"state": "stale"}, code=1, clone=NOT_BUILT, clone_code=0)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Space:
    """A project with pictures drawn from poses and one drawn by a model, built and committed."""
    space = Space(tmp_path_factory.mktemp("built") / "project")
    for path, text in FILES.items():
        space.write(path, text)
    shutil.copytree(tiny.models() / "base", space.root / "models/base")
    do(space, "build")
    git(space, "init", "-q")
    commit(space)
    return space


def git(space: Space, *words: str) -> None:
    subprocess.run(["git", "-C", str(space.root), *words], check=True, capture_output=True)


def commit(space: Space) -> None:
    git(space, "add", "-A")
    git(space, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "all")


def bare_clone(space: Space, to: Path) -> Space:
    """What git keeps: specs, content and decisions; no cache, no pages, no weights, no training."""
    git(space, "clone", "-q", str(space.root), str(to))
    clone = Space(to)
    assert not any((to / name).exists() for name in ("cache", "build", "models", "content/training"))
    return clone


def with_cache(built: Space, tmp_path: Path) -> Space:
    shutil.copytree(built.root, tmp_path / "project")
    return Space(tmp_path / "project")


def without(built: Space, tmp_path: Path) -> Space:
    return bare_clone(built, tmp_path / "project")


def assert_told(space: Space, target: str, expected: dict[str, Any], code: int) -> None:
    listed = row(space, target)
    assert {name: listed[name] for name in expected} == expected
    quick, full = space.call("check", "--json"), space.call("check", "--full", "--json")
    assert (quick.code, full.code) == (code, code), quick.out + full.out
    assert quick.statuses == full.statuses


def test_every_state_has_its_way() -> None:
    assert tuple(REACH) == STATES


@pytest.mark.parametrize("begin", [with_cache, without])
@pytest.mark.parametrize("name", STATES)
def test_a_state_is_reached_told_and_kept_by_a_clone(
    built: Space, tmp_path: Path, name: str, begin: Callable[[Space, Path], Space]
) -> None:
    space = begin(built, tmp_path)
    assert space.call("check").code == 0
    reached = REACH[name](space)
    assert_told(space, reached.target, reached.row, reached.code)
    before = space.snapshot("content")
    assert space.call("build", "--json").json["renders"] == 0
    assert space.snapshot("content") == before
    commit(space)
    clone = bare_clone(space, tmp_path / "clone")
    code = reached.code if reached.clone_code is None else reached.clone_code
    assert_told(clone, reached.target, reached.clone or reached.row, code)


def test_what_a_trained_lora_drew_stays_on_a_clone_that_has_no_lora(built: Space, tmp_path: Path) -> None:
    space = with_cache(built, tmp_path)
    trained(space)
    assert row(space, WORN)["state"] == "up_to_date"
    commit(space)
    clone = bare_clone(space, tmp_path / "clone")
    assert row(clone, WORN)["state"] == "up_to_date"
    assert clone.call("build", "--json").json["renders"] == 0
