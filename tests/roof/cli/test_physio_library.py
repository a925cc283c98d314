"""The exercises of the physio template: each is whole, in plain words, right by every lint, and drawn."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import Space

FOR_COLLEAGUES = re.compile(
    r"\b(flex|exten|abduct|adduct|supinat|pronat)(ion|or|ors|es)\b|\b(supine|prone|quadruped|cervical|lumbar|thoracic|bilateral"
    r"|unilateral|isometric|eccentric|proprioception|dorsiflexion|plantarflexion|anterior|posterior|lateral|medial|distal"
    r"|proximal|contralateral|ipsilateral)\b", re.IGNORECASE)
"""Words of the clinic: they belong to an image's own `description`, not to what a patient reads."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Space:
    """The template, drawn at 64 pixels."""
    root = tmp_path_factory.mktemp("library")
    assert Space(root).call("init", "-q", "--template", "physio", "clinic").code == 0
    clinic = Space(root / "clinic")
    clinic.edit("calotype.yaml", "defaults: {", "defaults: {size: [64, 64], ")
    return clinic


@pytest.fixture(scope="module")
def exercises(library: Space) -> list[dict[str, Any]]:
    return [yaml.safe_load(library.read(name)) for name in library.files("specs/exercises")]


def test_it_is_a_library(exercises: list[dict[str, Any]]) -> None:
    assert len(exercises) >= 60
    assert len({exercise["region"] for exercise in exercises}) >= 10
    assert sum(len(exercise["images"]) for exercise in exercises) >= 150


def test_nothing_is_amiss_with_any_of_them(library: Space) -> None:
    """Contacts that are not met, sides that contradict the words, muscles that nobody knows: each would be a warning."""
    told = library.call("validate", "--full", "--json").json["diagnostics"]
    assert [(fault["file"], fault["line"], fault["message"]) for fault in told] == []


def test_each_is_drawn(library: Space, exercises: list[dict[str, Any]]) -> None:
    done = library.call("build", "--json")
    assert done.code == 0 and done.json["failed"] == 0 and done.json["diagnostics"] == []
    drawn = [name for name in library.files("content/images") if name.endswith(".png")]
    assert len(drawn) == sum(len(exercise["images"]) for exercise in exercises)


def test_each_says_how_much_what_to_mind_and_what_it_is_for_in_plain_words(exercises: list[dict[str, Any]]) -> None:
    for exercise in exercises:
        for key in ("title", "tags", "description", "dosage", "precautions"):
            assert exercise.get(key), (exercise["id"], key)
        assert len(exercise["description"]) > 40, exercise["id"]
        captions = [image.get("caption", "") for image in exercise["images"]]
        for text in (exercise["description"], *_texts(exercise["precautions"]), *captions):
            assert not FOR_COLLEAGUES.search(text), (exercise["id"], text)


def test_each_picture_says_what_to_do(exercises: list[dict[str, Any]]) -> None:
    for exercise in exercises:
        for image in exercise["images"]:
            assert image.get("caption") and image.get("title") and image.get("pose"), exercise["id"]
        assert len({image["caption"] for image in exercise["images"]}) == len(exercise["images"]), exercise["id"]


def test_each_lies_where_its_id_and_region_say(library: Space) -> None:
    names = library.files("specs/exercises")
    for name in names:
        exercise = yaml.safe_load(library.read(name))
        assert name == f"specs/exercises/{exercise['region']}/{exercise['id']}.yaml"
    assert len({Path(name).stem for name in names}) == len(names)


def test_every_pose_is_used(library: Space, exercises: list[dict[str, Any]]) -> None:
    texts = [library.read(name) for name in (*library.files("specs/exercises"), *library.files("specs/poses"))]
    for name in library.files("specs/poses"):
        used = re.compile(rf"\b(pose|base|mirror_of|from|to): *{Path(name).stem}\b")
        assert any(used.search(text) for text in texts), name


def _texts(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
