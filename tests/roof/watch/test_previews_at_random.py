"""Random edits with previews, builds stopped anywhere among them: the pages and the content are those of a clean build."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import tiny
from calotype import Project
from calotype.api import KeptProject
from conftest import Space
from sheets import shown

CONFIG = """\
version: 1
renderer: sdxl
defaults: {size: [64, 64], preset: quick}
presets: {quick: {steps: 1, guidance_scale: 5.0}, draft: {steps: 2}}
models: {base: models/base, dtype: float32, device: cpu}
"""


def exercise(dice: random.Random, number: int) -> str:
    images = "".join(
        f"  - {{view_angle: lateral, body_position: standing, description: d{dice.randrange(4)}, "
        f"pose: {{base: standing, neck_flexion: {dice.randrange(0, 30, 10)}}}"
        f"{', renderer: mannequin' if dice.random() < 0.25 else ''}}}\n" for _ in range(dice.randint(1, 3)))
    name = f"e{number}{'x' if dice.random() < 0.2 else ''}"
    return f"kind: exercise\nid: {name}\nregion: {dice.choice(['neck', 'hip'])}\ntitle: t{dice.randrange(3)}\nimages:\n{images}"


def scene(dice: random.Random) -> str:
    pose = f"pose: {{base: standing, neck_flexion: {dice.randrange(0, 30, 10)}}}"
    return f"kind: scene\nid: s\nshots:\n  - {{id: a, prompt: p{dice.randrange(3)}}}\n  - {{id: b, prompt: q, {pose}}}\n"


def edit(space: Space, dice: random.Random) -> None:
    number = dice.randrange(3)
    file = f"specs/exercises/e{number}.yaml"
    if dice.random() < 0.2 and (space.root / file).exists():
        space.remove(file)
    elif dice.random() < 0.3:
        space.write("specs/scenes/s.yaml", scene(dice))
    else:
        space.write(file, exercise(dice, number))


def stopped_after(asked: int | None) -> Callable[[], bool]:
    """Says to stop once it was asked so often; None: never."""
    times = iter(range(1_000_000))
    return lambda: asked is not None and next(times) > asked


def files(root: Path, folder: str) -> dict[str, bytes]:
    return {path.relative_to(root / folder).as_posix(): path.read_bytes()
            for path in (root / folder).rglob("*") if path.is_file()}


@pytest.mark.parametrize("seed", [1, 6, 19, 23, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(30, 400))])
def test_whatever_is_edited_and_stopped_nothing_of_a_preview_is_left(space: Space, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    space.write("calotype.yaml", CONFIG)
    shutil.copytree(tiny.models() / "base", space.root / "models/base")
    (space.root / "specs/exercises").mkdir(parents=True)
    preview = dice.choice(["mannequin", "draft"])
    for _ in range(dice.randint(1, 3)):
        with KeptProject(space.root) as project:
            for _ in range(dice.randint(1, 3)):
                for _ in range(dice.randint(1, 3)):
                    edit(space, dice)
                if dice.random() < 0.15:
                    Project(space.root).build(jobs=1)
                stop = stopped_after(dice.choice([None, None, dice.randrange(1, 200)]))
                project.build(jobs=1, preview=preview, cancel=stop)
            assert project.build(jobs=1, preview=preview).failed == 0
    clean = tmp_path / "clean"
    shutil.copytree(space.root, clean, ignore=shutil.ignore_patterns("build", "cache", "content"))
    Project(clean).build(jobs=1)
    assert shown(space.root) == shown(clean)
    assert files(space.root, "content") == files(clean, "content")
    published = {name for name in files(clean, "content") if name.endswith(".png")}
    previews = {name for name in files(space.root, f"build/preview/watch-{preview}") if name.endswith(".png")}
    assert previews <= published, "an orphan"
