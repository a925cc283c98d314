"""docs/pose.md: its examples run in a new project, and it names and shows whatever a pose may say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from calotype.language.pose.props.prop_kinds import PROPS, SURFACES
from calotype.language.pose.terms import BASES, LANDMARKS, MIDLINE_PARTS, PARTS, PATHS, PLURALS, SHOWS
from conftest import REPOSITORY, Space

DOCS = REPOSITORY / "docs"
PAGE = (DOCS / "pose.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def new(tmp_path: Path) -> Space:
    space = Space(tmp_path)
    assert space.run("init").code == 0
    for number, text in enumerate(EXAMPLES):
        space.write(f"specs/poses/example_{number}.yaml", text)
    images = "".join(f"  - {{id: e{number}, view_angle: oblique, pose: example_{number}, size: [64, 64]}}\n"
                     for number in range(len(EXAMPLES)))
    space.write("specs/exercises/hip/examples.yaml",
                f"kind: exercise\nid: examples\nregion: hip\ntitle: Examples\nimages:\n{images}")
    return space


def test_the_examples_run_in_a_new_project(new: Space) -> None:
    assert len(EXAMPLES) >= 5
    validated = new.run("validate")
    assert validated.code == 0 and "warning" not in validated.err + validated.out, validated.err
    assert new.run("build", "exercises/examples").code == 0
    assert len(new.files("content/images/exercises/hip")) == len(EXAMPLES)


def test_every_base_posture_is_shown() -> None:
    for base in BASES:
        assert f"(bases/{base}.webp) `{base}`" in PAGE, "run `python docs/make_bases.py` and show it on docs/pose.md"
        assert (DOCS / "bases" / f"{base}.webp").is_file()


def test_every_prop_is_shown() -> None:
    for prop in PROPS:
        assert f"(props/{prop}.webp) `{prop}`" in PAGE, "run `python docs/make_props.py` and show it on docs/pose.md"
        assert (DOCS / "props" / f"{prop}.webp").is_file()


def test_every_value_is_named() -> None:
    parts = [f"left_{part}" for part in PARTS]
    words = {word.removeprefix("left_").removeprefix("right_") for word in LANDMARKS}
    surfaces = [surface for surface in SURFACES if not surface.startswith("right_")]
    for name in (*parts, *PLURALS, *MIDLINE_PARTS, *surfaces, *PROPS, *PATHS, *SHOWS, *words):
        assert f"`{name}`" in PAGE, name
