"""No option without effect: what is accepted acts, or is refused or warned of by name, with its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import Space

ROOT = Path(__file__).parents[2]
CHARACTER = "specs/characters/doll.yaml"
SCENE = "specs/scenes/walk.yaml"


@pytest.fixture
def project(space: Space) -> Space:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    space.write(CHARACTER, "kind: character\nid: doll\nanchors: {poses: [{id: front, pose: standing}]}\n")
    return space


@pytest.mark.parametrize("command", ["validate", "plan", "build", "check"])
def test_an_unknown_scorer_is_an_error_with_its_place_and_the_nearest_name(project: Space, command: str) -> None:
    project.write("calotype.yaml", "version: 1\nscoring:\n  weights: {tecnical: 1}\n")
    done = project.call(command, "--json")
    [found] = done.json["diagnostics"]
    assert done.code == 2
    assert (found["severity"], found["code"], found["file"], found["line"], found["column"]) == (
        "error", "unknown-scorer", "calotype.yaml", 3, 13)
    assert "`tecnical`" in found["message"] and "technical" in found["hint"] and "panel" not in found["hint"]
    assert not (project.root / "content").exists()


def test_weights_that_are_all_0_are_an_error_with_their_place(project: Space) -> None:
    project.write("calotype.yaml", "version: 1\nscoring:\n  weights: {technical: 0}\n")
    [found] = project.call("validate", "--json").json["diagnostics"]
    assert (found["code"], found["file"], found["line"], found["column"]) == ("no-scorer", "calotype.yaml", 3, 3)


def test_what_performs_for_scorers_is_none(project: Space) -> None:
    project.write("calotype.yaml", "version: 1\nscoring:\n  weights: {panel: 1}\n")
    [found] = project.call("validate", "--json").json["diagnostics"]
    assert (found["code"], found["line"], found["column"]) == ("unknown-scorer", 3, 13)
    assert "panel" not in found["hint"] and "`technical`" in found["hint"]


def test_the_scorer_that_there_is_may_be_weighted(project: Space) -> None:
    project.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\nscoring: {weights: {technical: 3}}\n")
    done = project.call("build", "--json")
    assert (done.code, done.json["diagnostics"]) == (0, [])


def test_a_shared_cache_is_refused_and_null_is_none(project: Space) -> None:
    project.write("calotype.yaml", "version: 1\ncache:\n  dir: cache\n  remote: s3://nowhere/x\n")
    done = project.call("build", "--json")
    [found] = done.json["diagnostics"]
    assert (done.code, found["code"], found["line"], found["column"]) == (2, "not-in-this-version", 4, 11)
    project.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\ncache: {dir: cache, remote: null}\n")
    assert project.call("build").code == 0


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_build_offline_is_refused_since_a_build_asks_only_named_services(project: Space, more: tuple[str, ...]) -> None:
    done = project.call("build", "--offline", *more)
    assert done.code == 2
    assert "without-effect" in done.err and "`--offline`" in done.err and "models pull" in done.err
    assert not (project.root / "content").exists()


def test_the_sample_project_asks_for_nothing_that_this_version_lacks(space: Space) -> None:
    shutil.copy(ROOT / "calotype.yaml", space.root / "calotype.yaml")
    for folder in ("specs", "refs"):
        shutil.copytree(ROOT / folder, space.root / folder)
    done = space.call("validate", "--json")
    assert done.code == 0
    assert [found for found in done.json["diagnostics"] if found["code"] == "not-in-this-version"] == []
