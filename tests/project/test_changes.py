"""Which specs a change of files concerns: those it belongs to, and all of them only where it must."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from calotype.ground.diagnostics import Problem
from calotype.project.changes import ChangeSet, changed_specs, named_files
from calotype.project.decisions.concerned_specs import DecidedSpecs
from calotype.project.decisions.index import Decisions
from calotype.project.last_build import compare_with_last_build
from calotype.project.patterns import TargetPatterns
from calotype.results.publish.manifest import Manifest
from calotype.store.state import State
from conftest import Space

NOD, BRIDGE = "specs/exercises/neck/nod.yaml", "specs/exercises/hip/bridge.yaml"
TEXT = """\
kind: exercise
id: {id}
region: {region}
title: One
images:
  - {{view_angle: lateral, body_position: standing, description: upright, seed: {seed}, candidates: 2, select: human}}
"""


def spec_text(name: str, region: str) -> str:
    """A spec that asks for pictures of its own: decisions of a shared one would concern both."""
    return TEXT.format(id=name, region=region, seed=10 * len(name))


@pytest.fixture
def built(space: Space) -> Space:
    """Two specs of one image each, whose candidates a person has picked from."""
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    space.write(NOD, spec_text("nod", "neck"))
    space.write(BRIDGE, spec_text("bridge", "hip"))
    space.settle()
    assert space.call("build").code == 3
    for target in ("exercises/nod/01", "exercises/bridge/01"):
        space.call("pick", target, "1")
    space.settle()  # a file just written is looked into again
    assert space.call("build").code == 0
    return space


def changes(space: Space, *names: str) -> ChangeSet:
    state = State(space.root / "cache/state/state.db")
    try:
        decided = DecidedSpecs(space.root, Decisions(space.root, state), state, Manifest(space.root))
        named = named_files(state, TargetPatterns(names))
        return changed_specs(space.root, compare_with_last_build(str(space.root)), state, decided, named)
    finally:
        state.close()


def test_a_spec_in_a_new_folder_concerns_that_spec_alone(built: Space) -> None:
    built.write("specs/exercises/back/deep/cat.yaml", spec_text("cat", "back"))
    found = changes(built)
    assert not found.whole
    assert found.files == ("specs/exercises/back/deep/cat.yaml",)


def test_a_folder_of_specs_that_is_gone_concerns_the_specs_that_were_in_it(built: Space) -> None:
    built.remove("specs/exercises/hip")
    found = changes(built)
    assert not found.whole
    assert (found.files, found.gone) == ((), (BRIDGE,))


def test_the_first_decision_of_a_project_concerns_its_spec_alone(space: Space) -> None:
    space.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64]}\n")
    space.write(NOD, spec_text("nod", "neck").replace(", select: human", ""))
    space.write(BRIDGE, spec_text("bridge", "hip").replace(", select: human", ""))
    space.settle()
    space.call("build", "-q")
    space.call("pick", "exercises/bridge/01", "2")
    found = changes(space)
    assert not found.whole
    assert found.files == (BRIDGE,)


def test_a_page_that_a_build_at_work_has_written_concerns_no_spec(built: Space) -> None:
    built.write("build/exercises/nod.html", "of a build that has not ended")
    built.write("build/index.html", "of the same")
    built.edit(NOD, "seed: 30", "seed: 40")
    found = changes(built)
    assert (found.whole, found.files) == (False, (NOD,))
    assert built.call("check", "--json").statuses == {"exercises/nod/01": "stale"}
    assert built.call("build", "--json").json["renders"] == 2
    assert "of a build" not in built.read("build/exercises/nod.html") + built.read("build/index.html")


def test_an_empty_folder_concerns_no_spec(built: Space) -> None:
    (built.root / "specs/exercises/empty").mkdir()
    found = changes(built)
    assert not found.whole
    assert (found.files, found.gone) == ((), ())


def test_a_link_in_the_place_of_a_folder_is_refused(built: Space) -> None:
    built.move("specs/exercises/hip", "outside")
    (built.root / "specs/exercises/hip").symlink_to(built.root / "outside")
    with pytest.raises(Problem, match="is a link"):
        changes(built)


CHARACTER = "kind: character\nid: {id}\nprompt: a girl in {colour}\n"


@pytest.fixture
def cast(built: Space) -> Space:
    """An exercise that names ann in one of its images, a scene that names both, and one that names bob."""
    for name in ("ann", "bob"):
        built.write(f"specs/characters/{name}.yaml", CHARACTER.format(id=name, colour="red"))
    built.write(NOD, built.read(NOD).replace("seed: 30,", "seed: 30, characters: [ann],"))
    for name, characters in (("tea", "[ann, bob]"), ("jam", "[bob]")):
        shots = "shots: [{id: cup, prompt: a cup, candidates: 1, characters: []}, {id: pot, prompt: a pot}]"
        built.write(f"specs/scenes/{name}.yaml", f"kind: scene\nid: {name}\ncharacters: {characters}\n{shots}\n")
    built.settle()
    assert built.call("build").code == 0
    return built


@pytest.mark.parametrize("change", [
    lambda space: space.edit("specs/characters/ann.yaml", "red", "blue"),
    lambda space: space.remove("specs/characters/ann.yaml"),
    lambda space: space.edit("specs/characters/ann.yaml", "id: ann", "id: anna"),
    lambda space: space.write("specs/characters/ann.yaml", "kind: character\nid: [\n"),
], ids=["edited", "removed", "renamed", "broken"])
def test_a_character_concerns_the_specs_that_speak_of_it_and_no_others(
    cast: Space, change: Callable[[Space], object]
) -> None:
    change(cast)
    found = changes(cast)
    assert not found.whole
    assert {*found.files, *found.gone} == {"specs/characters/ann.yaml", NOD, "specs/scenes/tea.yaml"}


def test_a_character_that_moves_concerns_the_specs_that_speak_of_it(cast: Space) -> None:
    cast.move("specs/characters/bob.yaml", "specs/characters/cast/bob.yaml")
    found = changes(cast)
    assert (found.whole, found.gone) == (False, ("specs/characters/bob.yaml",))
    assert set(found.files) == {"specs/characters/cast/bob.yaml", "specs/scenes/tea.yaml", "specs/scenes/jam.yaml"}


def test_a_character_concerns_every_spec_where_loras_are_trained_on_characters(cast: Space) -> None:
    cast.edit("specs/characters/ann.yaml", "red", "blue")
    state = State(cast.root / "cache/state/state.db")
    try:
        found = changed_specs(cast.root, compare_with_last_build(str(cast.root)), state, trains=True)
    finally:
        state.close()
    assert found.whole


def test_a_character_of_all_images_concerns_the_specs_that_name_none(cast: Space) -> None:
    cast.write("calotype.yaml", "version: 1\ndefaults: {size: [64, 64], characters: [bob]}\n")
    assert cast.call("build").code == 0
    cast.settle()
    assert cast.call("build").code == 0
    cast.edit("specs/characters/bob.yaml", "red", "blue")
    assert set(changes(cast).files) == {
        "specs/characters/bob.yaml", BRIDGE, "specs/scenes/tea.yaml", "specs/scenes/jam.yaml"}


@pytest.mark.parametrize("file", ["specs/poses/bow.yaml", "calotype.yaml", "templates/styles/own.j2"])
def test_what_specs_share_concerns_every_spec(built: Space, file: str) -> None:
    built.write(file, built.read(file) + "# more\n" if (built.root / file).exists() else "base: standing\n")
    assert changes(built).whole


def test_of_the_specs_that_only_a_decision_concerns_a_command_reads_the_named_ones(built: Space) -> None:
    for target in ("exercises/nod/01", "exercises/bridge/01"):
        built.call("pick", target, "2")
    assert changes(built).files == (BRIDGE, NOD)
    found = changes(built, "exercises/nod/01")
    assert (found.files, found.named) == ((NOD,), True)
    built.write(BRIDGE, spec_text("bridge", "hip").replace("seed: 60", "seed: 7"))
    assert changes(built, "exercises/nod/01").files == (BRIDGE, NOD)


@pytest.mark.parametrize(("names", "files"), [
    (["exercises/nod"], {NOD}),
    (["exercises/nod/01"], {NOD}),
    ([f"./{NOD}"], {NOD}),
    (["content/images/exercises/hip/bridge_01.png", "exercises/nod"], {NOD, BRIDGE}),
    (["exercises/other"], set()),
    (["exercises"], None),
    (["exercises/n*"], None),
    ([], None),
])
def test_a_name_leads_to_its_spec_without_a_look_at_all(built: Space, names: list[str], files: set[str] | None) -> None:
    state = State(built.root / "cache/state/state.db")
    try:
        assert named_files(state, TargetPatterns(names)) == files
    finally:
        state.close()
