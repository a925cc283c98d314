"""`init --template NAME`: projects to begin with, as files of the package."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import calotype
from calotype.roof.cli.template import NAMES, START
from conftest import REPOSITORY, Space

PACKAGE = Path(calotype.__file__).parent
TEMPLATES = PACKAGE / "roof/cli/templates"
CHIN = "specs/exercises/neck/chin_tuck.yaml"


@pytest.fixture
def clinic(tmp_path: Path) -> Space:
    assert Space(tmp_path).call("init", "--template", "physio", "clinic").code == 0
    return Space(tmp_path / "clinic")


def test_every_template_is_a_folder_and_every_folder_a_template() -> None:
    assert {folder.name for folder in TEMPLATES.iterdir()} == {START, *NAMES}


def test_every_file_beside_the_code_is_in_the_wheel() -> None:
    setup = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["setuptools"]
    packed = {path for pattern in setup["package-data"]["calotype"] for path in PACKAGE.glob(pattern)}
    there = {path for path in PACKAGE.rglob("*.*") if path.suffix != ".py" and path.parent.name != "__pycache__"}
    assert there - packed == set()
    assert any(TEMPLATES in path.parents for path in packed)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_a_project_without_a_warning_whose_files_lead_to_their_schemas(tmp_path: Path, name: str) -> None:
    written = Space(tmp_path).call("init", "--template", name, "--json").json
    assert written["template"] == name
    for path in (path for path in written["written"] if path.endswith(".yaml")):
        text = (tmp_path / path).read_text(encoding="utf-8")
        assert text.count("yaml-language-server") == 1
        schema = (tmp_path / path).parent / text.splitlines()[0].partition("$schema=")[2]
        Draft202012Validator.check_schema(json.loads(schema.read_text()))
    told = Space(tmp_path).call("validate", "--json").json
    assert told["diagnostics"] == []


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
