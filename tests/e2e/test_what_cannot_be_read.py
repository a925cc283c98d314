"""What cannot be read is never taken for absent: every command refuses it alike, warm and cold, and nothing is removed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from kit import nod_spec

from calotype.language.prompt.styles import PACKAGED
from conftest import Space

NOD = "specs/exercises/neck/nod.yaml"
POSE = "specs/poses/bow.yaml"
STYLE = "templates/styles/medical.j2"
SHARD = "content/manifest/exercises/neck.jsonl"
ASSET = "content/images/exercises/neck/nod_01.png"
COMMANDS = ("validate", "plan", "check", "build")


@pytest.fixture
def built(space: Space) -> Space:
    """Two exercises, one of a pose of the project, and a style of its own; built, and at rest."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    space.write(POSE, "base: standing\nneck_flexion: 30\n")
    space.write(STYLE, (PACKAGED / "medical.j2").read_bytes())
    space.write(NOD, nod_spec("nod", "pose: bow"))
    space.write("specs/exercises/hip/lift.yaml", nod_spec("lift", "pose: {right: {hip_flexion: 30}}"))
    space.settle()
    done = space.call("build", "--json")
    assert (done.code, done.json["renders"]) == (0, 2), done.err
    space.settle()
    assert space.call("build", "--json").code == 0
    return space


def link_to_nowhere(place: Path) -> None:
    place.symlink_to(place.parent / "gone")


def link_to_itself(place: Path) -> None:
    place.symlink_to(place.name)


def pipe(place: Path) -> None:
    os.mkfifo(place)


def folder(place: Path) -> None:
    place.mkdir()


def file(place: Path) -> None:
    place.write_bytes(b"")


IN_PLACE_OF_A_FILE = (link_to_nowhere, link_to_itself, pipe, folder)
IN_PLACE_OF_A_FOLDER = (link_to_nowhere, link_to_itself, pipe, file)
SPOILT = [
    *((path, how) for path in (NOD, POSE, STYLE, SHARD, "content/manifest.json") for how in IN_PLACE_OF_A_FILE),
    *((path, how) for path in (
        "specs", "specs/poses", "templates", "templates/styles", "content", "content/manifest",
        "content/manifest/exercises") for how in IN_PLACE_OF_A_FOLDER),
    *((path, how) for path in ("specs/exercises", "specs/exercises/neck") for how in (link_to_nowhere, link_to_itself, pipe)),
    ("specs/exercises", file),
]


def spoil(space: Space, path: str, how: Callable[[Path], None]) -> None:
    (space.root / path).rename(space.root.parent / "moved")
    how(space.root / path)


def forget(space: Space) -> None:
    for name in ("cache", "build"):
        shutil.rmtree(space.root / name)


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
@pytest.mark.parametrize(("path", "how"), SPOILT, ids=lambda value: getattr(value, "__name__", value))
def test_what_stands_in_the_place_of_an_input_is_refused_by_every_command(
    built: Space, path: str, how: Callable[[Path], None], cold: bool
) -> None:
    if cold:
        forget(built)
    spoil(built, path, how)
    before = built.snapshot("content")
    for command in COMMANDS:
        done = built.call(command, "--json")
        assert done.code == 2, (command, done.out, done.err)
        assert path in {diagnostic["file"] for diagnostic in done.json["diagnostics"]}, (command, done.out)
    assert built.snapshot("content") == before
    (built.root / path).rmdir() if how is folder else (built.root / path).unlink()
    (built.root.parent / "moved").rename(built.root / path)
    done = built.call("build", "--json")
    assert (done.code, done.json["renders"], done.json["removed"]) == (0, 0, 0), done.out


def test_a_validation_of_a_folder_without_specs_is_no_praise(built: Space) -> None:
    for path in ("content", "content/images"):
        done = built.call("validate", path, "--json")
        assert (done.code, done.json["diagnostics"][0]["code"]) == (2, "unknown-path")
    for path in (".", "specs", "specs/exercises/neck", "templates", "calotype.yaml"):
        assert built.call("validate", path).code == 0


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
def test_a_file_in_the_place_of_a_folder_removes_nothing_of_the_specs_that_lay_there(built: Space, cold: bool) -> None:
    if cold:
        forget(built)
    spoil(built, "specs/exercises/neck", file)
    before = built.snapshot("content")
    for command in COMMANDS:
        done = built.call(command, "--json")
        assert (done.code, done.json["diagnostics"][0]["file"]) == (2, "specs/exercises/neck"), (command, done.out)
    assert built.snapshot("content") == before


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
@pytest.mark.parametrize("how", [pipe, file], ids=lambda value: value.__name__)
def test_a_folder_of_decisions_that_cannot_be_looked_into_is_refused(
    built: Space, how: Callable[[Path], None], cold: bool
) -> None:
    assert built.call("pick", "exercises/nod/01", "1").code == 0
    assert built.call("build").code == 0
    if cold:
        forget(built)
    spoil(built, "specs/picks/exercises", how)
    for command in COMMANDS:
        done = built.call(command, "--json")
        assert (done.code, done.json["diagnostics"][0]["file"]) == (2, "specs/picks/exercises"), (command, done.out)


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
@pytest.mark.parametrize(("path", "name"), [(NOD, "nod.YAML"), (NOD, "nod.Yml"), (POSE, "bow.YAML")])
def test_a_name_that_is_not_read_though_it_looks_so_is_refused(built: Space, path: str, name: str, cold: bool) -> None:
    """As an editor of a system that tells no case may write it."""
    if cold:
        forget(built)
    unread = f"{path.rpartition('/')[0]}/{name}"
    built.move(path, unread)
    before = built.snapshot("content")
    for command in COMMANDS:
        done = built.call(command, "--json")
        assert done.code == 2, (command, done.out)
        assert unread in {diagnostic["file"] for diagnostic in done.json["diagnostics"]}, (command, done.out)
    assert built.snapshot("content") == before


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
@pytest.mark.parametrize("name", ["nod.YAML", "nod.yaml.txt", "nod.txt", "nod.json"])
def test_decisions_under_a_name_that_is_not_read_are_refused(built: Space, name: str, cold: bool) -> None:
    """Another candidate would be published in the place of the one that was picked."""
    assert built.call("pick", "exercises/nod/01", "1").code == 0
    assert built.call("build").code == 0
    if cold:
        forget(built)
    built.move("specs/picks/exercises/nod.yaml", f"specs/picks/exercises/{name}")
    for command in COMMANDS:
        done = built.call(command, "--json")
        (told,) = [diagnostic for diagnostic in done.json["diagnostics"] if diagnostic["severity"] == "error"]
        assert (done.code, told["file"]) == (2, f"specs/picks/exercises/{name}"), (command, done.out)
        assert told["hint"] == "call it `nod.yaml`"


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
@pytest.mark.parametrize("place", ["specs/exercises/{}/up.yaml", "specs/exercises/{}.yaml", "specs/poses/{}.yaml"])
def test_names_that_differ_in_the_spelling_of_their_accents_alone_are_told(
    built: Space, place: str, cold: bool
) -> None:
    if cold:
        forget(built)
    text = built.read(NOD) if "exercises" in place else "base: standing\n"
    for number, name in enumerate(("\u00e9paule", "e\u0301paule")):
        built.write(place.format(name), text.replace("id: nod", f"id: up_{number}"))
    before = built.snapshot("content")
    for command in COMMANDS:
        done = built.call(command, "--json")
        assert done.code == 2, (command, done.out)
        assert "twin-names" in {diagnostic["code"] for diagnostic in done.json["diagnostics"]}, done.out
    assert built.snapshot("content") == before


def test_a_note_beside_decisions_is_nobodys(built: Space) -> None:
    built.write("specs/picks/README.txt", "how we pick")
    assert [built.call(command).code for command in COMMANDS] == [0] * len(COMMANDS)


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
def test_specs_that_are_missing_altogether_remove_nothing(built: Space, cold: bool) -> None:
    if cold:
        forget(built)
    shutil.rmtree(built.root / "specs")
    before = built.snapshot("content")
    for command in (*COMMANDS, "list", "gc"):
        done = built.call(command, "--json")
        assert (done.code, done.json["diagnostics"][0]["file"]) == (2, "specs"), (command, done.out)
    assert built.snapshot("content") == before


def test_an_empty_folder_of_specs_asks_for_nothing(built: Space) -> None:
    shutil.rmtree(built.root / "specs")
    (built.root / "specs").mkdir()
    assert built.call("plan", "--json").json["removed"] == 2
    done = built.call("build", "--json")
    assert (done.code, done.json["removed"]) == (0, 2)


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
def test_a_folder_of_specs_that_became_a_link_within_the_project_is_refused(built: Space, cold: bool) -> None:
    """Nobody would notice what changes behind it."""
    if cold:
        forget(built)
    built.move("specs/exercises/neck", "away/neck")
    (built.root / "specs/exercises/neck").symlink_to("../../away/neck")
    before = built.snapshot("content")
    for command in COMMANDS:
        done = built.call(command, "--json")
        assert (done.code, done.json["diagnostics"][0]["file"]) == (2, "specs/exercises/neck"), (command, done.out)
    assert built.snapshot("content") == before


@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
@pytest.mark.parametrize(("path", "how"), [
    (ASSET, link_to_nowhere), (ASSET, link_to_itself), (ASSET, pipe), (ASSET, folder),
    ("content/images/exercises/neck", link_to_nowhere), ("content/images/exercises/neck", pipe),
    ("content/images/exercises", file), ("content/images", link_to_nowhere),
], ids=lambda value: getattr(value, "__name__", value))
def test_what_stands_in_the_place_of_an_asset_is_in_the_way_of_its_targets_alone(
    built: Space, path: str, how: Callable[[Path], None], cold: bool
) -> None:
    """No command takes the asset for one that was deleted; its line stays, also where its spec is gone."""
    if cold:
        forget(built)
    spoil(built, path, how)
    assert built.call("plan", "--json").statuses["exercises/nod/01"] == "failed"
    assert built.call("check", "--json").code == 1
    line = built.read(SHARD)
    done = built.call("build", "--json")
    assert (done.code, done.statuses["exercises/nod/01"], done.json["renders"]) == (1, "failed", 0), done.out
    assert built.read(SHARD) == line
