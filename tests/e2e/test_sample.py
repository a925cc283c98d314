"""The sample project is the repository itself: real content, published, and as its specs ask for it."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from calotype.language.load import load_spec
from calotype.language.prompt.styles import PACKAGED
from calotype.language.yaml.document import parse
from calotype.plan.training.training_set import pictured, set_of_pictures
from calotype.queries.status import status_query
from conftest import REPOSITORY, Space

EXERCISES = {
    "chin_tuck": "neck", "pendulum": "shoulder", "cat_cow": "lower_back", "piriformis_stretch": "hip",
    "calf_raises": "ankle_foot",
}
PROJECT = ("calotype.yaml", "specs", "templates", "refs", "content")
ANCHORS = ("front", "back", "side", "quarter", "arms_up", "bent", "seated", "hanging")
VARIATIONS, IMAGES = 30, 104
ALL = 15 + len(ANCHORS) + IMAGES + 4
BANDS = ((0.3, 0.4), (0.5, 0.55), (0.6, 0.7), (0.8, 1.0))
"""The strengths that the training-set guide has a use for; of the last it says that the character drifts."""
CHARACTER, SET = "specs/characters/mannequin.yaml", "characters/mannequin/training_set"


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


def images(clone: Space) -> list[dict[str, Any]]:
    """What `list` says of every image; the training set, which is no image, is listed last and made when it is named."""
    *rows, training_set = sorted(clone.call("list", "--json").json["targets"], key=lambda row: row["target"] == SET)
    assert training_set["target"] == SET
    return rows


def test_the_published_images_are_what_the_specs_ask_for(clone: Space) -> None:
    done = clone.call("check", "--json")
    assert (done.code, done.json["targets"]) == (0, []), "run `make demo` and commit content/"
    assert done.json["up_to_date"] == ALL


def test_a_build_of_a_fresh_clone_renders_nothing_and_ends_at_exit_0(clone: Space) -> None:
    done = clone.call("build", "--json")
    assert (done.code, done.json["renders"], done.json["up_to_date"], done.json["awaiting"]) == (0, 0, ALL, 0)
    assert (clone.root / "build/index.html").is_file()


def test_it_holds_the_guide_s_exercises_anchors_variations_and_shots(clone: Space) -> None:
    rows = images(clone)
    assert Counter(row["target"].split("/")[1] for row in rows) == {
        **dict.fromkeys(EXERCISES, 3), "mannequin": len(ANCHORS) + IMAGES, "coffee": 4,
    }
    paths = {row["path"] for row in rows}
    for name, region in EXERCISES.items():
        assert {f"content/images/exercises/{region}/{name}_{image:02d}.png" for image in (1, 2, 3)} <= paths
    assert {f"content/images/characters/mannequin/anchors/{name}.png" for name in ANCHORS} <= paths


def test_its_character_has_the_size_of_the_guides_training_set(clone: Space) -> None:
    spec = yaml.safe_load(clone.read(CHARACTER))
    assert tuple(pose["id"] for pose in spec["anchors"]["poses"]) == ANCHORS and spec["anchors"]["candidates"] == 10
    assert {"pullup_top", "pullup_mid", "barbell_row"} <= {variation["id"] for variation in spec["variations"]}
    counts = [variation["count"] for variation in spec["variations"]]
    assert len(counts) == VARIATIONS and set(counts) == {3, 4, 5} and sum(counts) == IMAGES >= 100
    for variation in spec["variations"]:
        assert variation["anchor"] == "auto", variation["id"]
        assert any(low <= variation["strength"] <= high for low, high in BANDS), variation["id"]
    lines = map(json.loads, clone.read("content/manifest/characters/mannequin.jsonl").splitlines())
    assert {len(line["candidates"]) for line in lines if "/anchors/" in line["target"]} == {10}
    assert clone.call("validate", "--json").json["diagnostics"] == []


def test_its_training_set_is_whole_without_a_word_of_a_person(clone: Space) -> None:
    """Every picture of the set is there, of every view and from both sides, and no posture is in it twice."""
    assert "select" not in yaml.safe_load(clone.read(CHARACTER))["anchors"] and not (clone.root / "specs/picks").exists()
    with status_query(clone.root, ("characters/*",)) as query:
        pictures = [pictured(row.planned) for row in query.targets()]
    chosen = set_of_pictures(load_spec(parse(clone.read(CHARACTER).encode(), CHARACTER)), pictures)
    assert chosen and len(chosen.members) == 30 and chosen.lacking == ""
    assert {member.by for member in chosen.members} == {"anchor", "suggest"}
    targets = [member.path.rpartition("/")[2] for member in chosen.members]
    assert len({re.sub(r"_\d\d\.png$|\.png$", "", name) for name in targets}) == 30
    assert {member.image.view for member in chosen.members} == {"anterior", "posterior", "lateral", "oblique"}
    assert {member.image.side for member in chosen.members} == {"left", "right"}


def test_its_character_s_pictures_take_less_than_15_megabytes() -> None:
    pictures = (REPOSITORY / "content/images/characters/mannequin").rglob("*.png")
    assert sum(picture.stat().st_size for picture in pictures) < 15_000_000


def test_every_picture_of_it_tells_where_it_comes_from(clone: Space) -> None:
    rows = images(clone)
    firsts = [row for row in rows if "/variations/" not in row["target"] or row["target"].endswith("_01")]
    assert len(firsts) == len(rows) - IMAGES + VARIATIONS
    for row in firsts:
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
    spec = yaml.safe_load(clone.read(CHARACTER))
    assert spec["references"] == ["refs/mannequin.png"]
    drawn = tmp_path / "drawn"
    done = clone.call(
        "pose", "standing", "--view", "anterior", "--drawing", "mesh", "--size", "256x384", "-o", str(drawn))
    assert done.code == 0
    assert (drawn / "drawing.png").read_bytes() == (clone.root / "refs/mannequin.png").read_bytes()
