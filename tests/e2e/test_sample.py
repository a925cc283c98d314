"""The sample project is the repository itself: real content, published, and as its specs ask for it."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
import yaml

from calotype.language.prompt.styles import PACKAGED
from conftest import REPOSITORY, Space

EXERCISES = {
    "chin_tuck": "neck", "pendulum": "shoulder", "cat_cow": "lower_back", "piriformis_stretch": "hip",
    "calf_raises": "ankle_foot",
}
PROJECT = ("calotype.yaml", "specs", "templates", "refs", "content")
ANCHORS = ("front", "back", "side", "quarter", "arms_up", "bent", "seated", "hanging")


@pytest.fixture
def clone(space: Space) -> Space:
    """What git holds of the sample project."""
    for name in PROJECT:
        source, target = REPOSITORY / name, space.root / name
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    return space


def test_the_published_images_are_what_the_specs_ask_for(clone: Space) -> None:
    done = clone.call("check", "--json")
    assert (done.code, done.json["targets"]) == (0, []), "run `make demo` and commit content/"
    assert done.json["up_to_date"] == 40


def test_a_build_of_a_fresh_clone_renders_nothing_and_ends_at_exit_0(clone: Space) -> None:
    done = clone.call("build", "--json")
    assert (done.code, done.json["renders"], done.json["up_to_date"]) == (0, 0, 40)
    assert (clone.root / "build/index.html").is_file()


def test_it_holds_the_guide_s_exercises_anchors_variations_and_shots(clone: Space) -> None:
    rows = clone.call("list", "--json").json["targets"]
    assert Counter(row["target"].split("/")[1] for row in rows) == {
        **dict.fromkeys(EXERCISES, 3), "mannequin": 8 + 13, "coffee": 4,
    }
    paths = {row["path"] for row in rows}
    for name, region in EXERCISES.items():
        assert {f"content/images/exercises/{region}/{name}_{image:02d}.png" for image in (1, 2, 3)} <= paths
    assert {f"content/images/characters/mannequin/anchors/{name}.png" for name in ANCHORS} <= paths


def test_every_picture_of_it_tells_where_it_comes_from(clone: Space) -> None:
    for row in clone.call("list", "--json").json["targets"]:
        told = clone.call("inspect", row["path"], "--json").json
        assert told["renderer"] == "mannequin" and len(told["action"]) == 64 and told["seed"] is not None
        assert "digitalsourcetype" in told["digital_source_type"]


def test_a_build_of_a_fresh_clone_changes_no_committed_file(clone: Space) -> None:
    before = clone.snapshot(*PROJECT[1:])
    assert clone.call("build").code == 0
    assert clone.snapshot(*PROJECT[1:]) == before


@pytest.mark.parametrize("line", [
    "models: {device: cpu}", "loras: {x: {path: loras/x.safetensors}}", "scoring: {threshold: 31}", "cache: {dir: .c}",
])
def test_a_line_of_the_config_that_decides_no_image_changes_no_committed_file(clone: Space, line: str) -> None:
    clone.write("calotype.yaml", clone.read("calotype.yaml") + line + "\n")
    before = clone.snapshot(*PROJECT[1:])
    assert clone.call("build", "--json").json["renders"] == 0
    assert clone.snapshot(*PROJECT[1:]) == before


def test_its_prompt_styles_are_the_packaged_ones(clone: Space) -> None:
    packaged = {path.name: path.read_bytes() for path in PACKAGED.glob("*.j2")}
    assert set(packaged) == {"medical.j2", "character.j2", "scene.j2"}
    assert {path.name: path.read_bytes() for path in (clone.root / "templates/styles").iterdir()} == packaged


def test_its_character_is_known_by_a_small_picture_that_its_own_renderer_drew(clone: Space, tmp_path: Path) -> None:
    spec = yaml.safe_load(clone.read("specs/characters/mannequin.yaml"))
    assert spec["references"] == ["refs/mannequin.png"]
    drawn = tmp_path / "drawn"
    done = clone.call(
        "pose", "standing", "--view", "anterior", "--drawing", "mesh", "--size", "256x384", "-o", str(drawn))
    assert done.code == 0
    assert (drawn / "drawing.png").read_bytes() == (clone.root / "refs/mannequin.png").read_bytes()
