"""A picture shows the same characters whoever else is looked into, and wherever their specs stand."""

from __future__ import annotations

import pytest
from kit import build, codes, nod_spec, tally, use_sketch

from conftest import Space

ANN = "kind: character\nid: ann\nprompt: a girl in red\n"
TEA = "kind: scene\nid: tea\ncharacters: [ann]\nshots: [{id: cup, prompt: holds a cup, view_angle: lateral}]\n"
NOD, CUP = "specs/exercises/nod.yaml", "specs/scenes/tea.yaml"
CONFIG = "version: 1\nrenderer: sketch\ndefaults: {size: [16, 16]%s}\nmodels: {base: org/base}\n"


@pytest.fixture(params=["", ", characters: [ann]"], ids=["named", "in all"])
def cast(space: Space, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Space:
    """An exercise and a scene with a character of which the scene, or the project's defaults, say that she is in it."""
    use_sketch(space, monkeypatch)
    space.write("calotype.yaml", CONFIG % request.param)
    space.write("specs/characters/ann.yaml", ANN)
    space.write(NOD, nod_spec("nod", "seed: 1"))
    space.write(CUP, TEA)
    return space


@pytest.mark.parametrize("file", ["specs/characters/ann.yaml", "specs/cast/ann.yaml", "specs/zoo/ann.yaml"])
def test_an_edit_of_one_spec_finds_its_characters_in_any_folder(cast: Space, file: str) -> None:
    if file != "specs/characters/ann.yaml":
        cast.move("specs/characters/ann.yaml", file)
    cast.settle()
    assert tally(build(cast)) == (0, 2, 0, 0)
    for path in (NOD, CUP):
        cast.settle()
        cast.write(path, cast.read(path) + "# a comment\n")
        assert tally(build(cast)) == (0, 0, 2, 0)
    cast.edit(file, "in red", "in blue")
    assert build(cast).json["renders"] == (2 if "ann" in cast.read("calotype.yaml") else 1)


def test_a_character_that_is_nowhere_is_named_with_those_there_are(cast: Space) -> None:
    cast.write("specs/characters/ann.yaml", ANN.replace("id: ann", "id: anna"))
    done = build(cast)
    assert (done.code, set(codes(done))) == (2, {"unknown-character"})
    assert {diagnostic["hint"] for diagnostic in done.json["diagnostics"]} == {"did you mean `anna`?"}
