"""`init --template NAME`: projects to begin with, as files of the package."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import calotype
from calotype.roof.cli.commands.live.demo import TEMPLATE as DEMO
from calotype.roof.cli.template import NAMES, START
from conftest import REPOSITORY, Space

PACKAGE = Path(calotype.__file__).parent
TEMPLATES = PACKAGE / "roof/cli/templates"
CHIN = "specs/exercises/neck/chin_tuck.yaml"


def drawn_small(tmp_path: Path, name: str) -> Space:
    """The template `name`, built with pictures an eighth as large: what is asked for, in a tenth of the time."""
    space = Space(tmp_path / name)
    assert Space(tmp_path).call("init", "-q", "--template", name, name).code == 0
    config = yaml.safe_load(space.read("calotype.yaml"))
    width, height = config["defaults"].get("size", [1024, 1024])
    config["defaults"]["size"] = [width // 10 // 8 * 8, height // 10 // 8 * 8]
    space.write("calotype.yaml", yaml.safe_dump(config))
    done = space.call("build", "--json")
    assert done.code == 0 and done.json["failed"] == done.json["awaiting"] == 0 and done.err.count("warning") == 0
    return space


def lines(space: Space) -> list[dict[str, Any]]:
    """What the manifest tells of every picture."""
    files = (space.root / "content/manifest").rglob("*.jsonl")
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def clinic(tmp_path: Path) -> Space:
    assert Space(tmp_path).call("init", "--template", "physio", "clinic").code == 0
    return Space(tmp_path / "clinic")


def test_every_template_is_a_folder_and_every_folder_a_template() -> None:
    assert {folder.name for folder in TEMPLATES.iterdir()} == {START, *NAMES, DEMO}


def test_every_file_beside_the_code_is_in_the_wheel() -> None:
    setup = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["setuptools"]
    packed = {path for pattern in setup["package-data"]["calotype"] for path in PACKAGE.glob(pattern)}
    there = {path for path in PACKAGE.rglob("*.*") if path.suffix != ".py" and path.parent.name != "__pycache__"}
    assert there - packed == set()
    assert any(TEMPLATES in path.parents for path in packed)


@pytest.mark.parametrize("name", NAMES)
def test_every_file_of_a_template_leads_to_its_schema(tmp_path: Path, name: str) -> None:
    written = Space(tmp_path).call("init", "--template", name, "--json").json
    assert written["template"] == name
    for path in (path for path in written["written"] if path.endswith(".yaml")):
        text = (tmp_path / path).read_text(encoding="utf-8")
        assert text.count("yaml-language-server") == 1
        schema = (tmp_path / path).parent / text.splitlines()[0].partition("$schema=")[2]
        assert json.loads(schema.read_text())["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", [START, "character", "lora", "storyboard"])  # physio: test_physio_library.py
def test_nothing_is_amiss_with_a_template(tmp_path: Path, name: str) -> None:
    assert Space(tmp_path).call("init", *(("--template", name) if name != START else ())).code == 0
    assert Space(tmp_path).call("validate", "--json").json["diagnostics"] == []


def test_an_unknown_template_is_bad_usage_with_the_nearest(tmp_path: Path) -> None:
    done = Space(tmp_path).call("init", "--template", "phisio")
    assert done.code == 2 and "did you mean `physio`?" in done.err and "`--template`" in done.err
    assert list(tmp_path.iterdir()) == []
    far = Space(tmp_path).call("init", "--template", "zzz", "--json")
    assert far.code == 2 and "physio" in far.json["diagnostics"][0]["message"]


@pytest.mark.parametrize("words", [("schema", "exercis"), ("pose", "x", "--view", "latteral"), ("check", "--format", "sarf")])
def test_a_misspelt_value_of_any_option_is_told_the_nearest(space: Space, words: tuple[str, ...]) -> None:
    done = space.call(*words)
    assert done.code == 2 and "did you mean `" in done.err and "invalid value for `" in done.err


def test_a_template_writes_nothing_twice_and_overwrites_nothing(clinic: Space) -> None:
    clinic.write(CHIN, "mine")
    before = clinic.snapshot(".")
    done = clinic.call("init", "--template", "physio")
    assert done.code == 0 and "nothing written" in done.out and done.err == ""
    assert clinic.snapshot(".") == before


@pytest.mark.parametrize("begun", ["calotype.yaml", "specs/exercises/hip/mine.yaml", "specs/poses/mine.yaml"])
def test_a_project_or_specs_that_are_there_get_no_specs_and_are_told(tmp_path: Path, begun: str) -> None:
    space = Space(tmp_path)
    space.write(begun, "version: 1\n")
    done = space.call("init", "--template", "physio", "--json")
    assert done.code == 0 and done.json["diagnostics"][0]["code"] == "template-left-out"
    assert not (tmp_path / CHIN).exists() and (tmp_path / "specs/.schemas/exercise.json").exists()
    assert space.read(begun) == "version: 1\n"


def test_an_init_that_was_stopped_is_finished_by_the_next(clinic: Space) -> None:
    """calotype.yaml is written last: until then the specs that are there are the template's."""
    whole = set(clinic.snapshot("."))
    for name in ("calotype.yaml", CHIN):
        clinic.remove(name)
    assert clinic.call("init", "--template", "physio").err == ""
    assert set(clinic.snapshot(".")) == whole


def test_many_files_of_a_folder_are_one_line(clinic: Space, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calotype.roof.cli.commands.init.MANY", 0)
    assert "wrote specs/exercises/neck/ (" in Space(clinic.root.parent).call("init", "--template", "physio", "b").out
    assert f"wrote {CHIN}" in Space(clinic.root.parent).call("init", "--template", "physio", "c", "-v").out


def test_a_template_is_not_written_through_a_link(tmp_path: Path) -> None:
    space = Space(tmp_path / "here")
    (tmp_path / "victim").mkdir()
    space.write("specs/.gitkeep", "")
    (space.root / "specs/exercises").symlink_to(tmp_path / "victim")
    assert space.call("init", "--template", "physio").code == 2
    assert list((tmp_path / "victim").iterdir()) == [] and not (space.root / "calotype.yaml").exists()


def test_the_character_has_anchors_and_variations_that_start_from_the_nearest(tmp_path: Path) -> None:
    space = drawn_small(tmp_path, "character")
    pictures = {line["target"]: line for line in lines(space)}
    anchors = [target for target in pictures if "/anchors/" in target]
    assert (len(anchors), len(pictures) - len(anchors)) == (6, 10)
    assert all(line["caption"] and line["alt"] for line in pictures.values())
    assert len({line["alt"] for line in pictures.values()}) == len(pictures)
    assert len(pictures["characters/leo/anchors/front"]["candidates"]) == 2


def test_the_training_set_has_enough_pictures_each_with_the_trigger_word_first(tmp_path: Path) -> None:
    space = drawn_small(tmp_path, "lora")
    pictures = lines(space)
    training = space.call("explain", "characters/fitmannequin/training_set", "--json").json
    assert (training["lacking"], len(training["members"]), training["left_out"]) == ("", len(pictures), [])
    assert 20 <= len(pictures) <= 30
    assert all(line["caption"].startswith("fitmannequin, ") for line in pictures)
    assert len({line["caption"] for line in pictures}) == len(pictures) == len({line["pixels"] for line in pictures})
    for constant in ("orange", "grid", "shorts", "beige"):
        assert not any(constant in line["caption"] for line in pictures)


def test_the_training_set_s_postures_and_variations_are_those_of_the_sample() -> None:
    """What one learns from docs/characters.md one finds in the template, and the other way round."""
    template = TEMPLATES / "lora/specs"
    spec = yaml.safe_load((template / "characters/fitmannequin.yaml").read_text(encoding="utf-8"))
    sample = yaml.safe_load((REPOSITORY / "specs/characters/mannequin.yaml").read_text(encoding="utf-8"))
    assert [anchor["id"] for anchor in spec["anchors"]["poses"]] == [anchor["id"] for anchor in sample["anchors"]["poses"]]
    shared = {variation["id"]: variation for variation in sample["variations"]}
    own = {variation["id"] for variation in spec["variations"]} - set(shared)
    assert own == {"run", "floor_sit"}
    for variation in spec["variations"]:
        for key in ("pose", "view_angle", "strength", "prompt", "anchor"):
            assert variation["id"] in own or variation[key] == shared[variation["id"]][key], (variation["id"], key)
    for pose in template.glob("poses/*.yaml"):
        assert pose.stem == "run" or pose.read_bytes() == (REPOSITORY / "specs/poses" / pose.name).read_bytes(), pose.name


def test_the_storyboard_is_four_shots_of_sixteen_to_nine_each_from_the_one_before(tmp_path: Path) -> None:
    assert Space(tmp_path).call("init", "-q", "--template", "storyboard", "new").code == 0
    new = Space(tmp_path / "new")
    size = yaml.safe_load(new.read("calotype.yaml"))["defaults"]["size"]
    scene = yaml.safe_load(new.read("specs/scenes/first_light.yaml"))
    assert size[0] * 9 == size[1] * 16 and scene["chain"] is True
    pictures = lines(drawn_small(tmp_path, "storyboard"))
    assert [line["target"].rpartition("/")[2] for line in pictures] == sorted(shot["id"] for shot in scene["shots"])
    assert all(len(line["candidates"]) == 4 and line["caption"] for line in pictures)


@pytest.mark.parametrize("name", NAMES)
def test_one_line_renders_a_template_with_sdxl(tmp_path: Path, name: str) -> None:
    space = Space(tmp_path / name)
    Space(tmp_path).call("init", "-q", "--template", name, name)
    space.edit("calotype.yaml", "renderer: mannequin", "renderer: sdxl")
    told = space.call("validate", "--json").json["diagnostics"]
    assert {fault["code"] for fault in told} == {"weights-missing"} and {fault["severity"] for fault in told} == {"warning"}
    models = space.call("models", "list", "--json").out
    assert "stabilityai/stable-diffusion-xl-base-1.0" in models and "controlnet-openpose" in models
