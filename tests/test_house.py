"""The house: every room imports what its contract in `house.toml` allows, and nothing grows out of hand."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

import house_figures as house

HOUSE = tomllib.loads((Path(__file__).parent / "house.toml").read_text(encoding="utf-8"))
CONTRACTS, SIZES, RATCHETS = HOUSE["contracts"], HOUSE["sizes"], HOUSE["ratchets"]
FLOORS = {room: number for number, rooms in enumerate(HOUSE["floors"]) for room in rooms}
ENTRANCES = {"__main__", "calotype"}
"""What lies above every floor: the program's door, and the package that hands out its version and `Project`."""


def floor(room: str) -> int:
    return len(FLOORS) if room in ENTRANCES else FLOORS[room.split(".")[0]]


def allows(contract: list[str], room: str) -> bool:
    return any(
        room == allowed or (allowed.endswith(".*") and f"{room}.".startswith(allowed.removesuffix("*")))
        for allowed in contract
    )


def over(size: str, measured: dict[str, int]) -> dict[str, int]:
    """What is larger than its size, or than its ratchet where there is one."""
    limits: dict[str, int] = RATCHETS.get(size, {})
    return {name: number for name, number in measured.items() if number > limits.get(name, SIZES[size])}


def test_every_room_has_a_contract():
    assert {house.room(module) for module in house.FILES} == set(CONTRACTS)


def test_a_contract_allows_no_room_above():
    climbs = [
        f"{room} -> {allowed}"
        for room, contract in CONTRACTS.items()
        for allowed in contract
        if floor(allowed.removesuffix(".*")) > floor(room)
    ]
    assert not climbs


def test_a_room_imports_what_its_contract_allows():
    breaches = [
        imports
        for room, others in house.imported_rooms().items()
        for other, imports in others.items()
        if not allows(CONTRACTS[room], other)
    ]
    assert not breaches


def test_there_are_no_cycles():
    try:
        TopologicalSorter({module: house.imports(module) for module in house.FILES}).prepare()
    except CycleError as cycle:
        pytest.fail(f"import cycle: {' <- '.join(cycle.args[1])}")


def test_every_module_opens_with_a_sentence_that_says_what_it_is():
    opening = re.compile(r"\S.*?[.?](\s|$)", re.DOTALL)
    assert not [module for module, tree in house.TREES.items() if not opening.match(ast.get_docstring(tree) or "")]


def test_no_file_grows_out_of_hand():
    assert not over("lines_of_a_file", house.lines_of_files())


def test_no_function_grows_out_of_hand():
    assert not over("lines_of_a_function", house.lines_of(ast.FunctionDef))


def test_no_class_grows_out_of_hand():
    assert not over("lines_of_a_class", house.lines_of(ast.ClassDef))


def test_a_folder_is_no_deeper_than_a_person_can_hold_in_mind():
    assert not over("levels_of_a_folder", house.levels_of_folders())


def test_a_folder_is_no_more_tangled_than_a_person_can_hold_in_mind():
    assert not over("arrows_of_a_folder", house.arrows_of_folders())


def test_locals_say_what_they_hold():
    allowed = RATCHETS.get("vague_locals", SIZES["vague_locals"])
    assert house.vague_locals(set(HOUSE["names"]["vague"])) <= allowed


def test_a_file_name_is_used_once():
    assert house.file_names_used_twice() <= set(HOUSE["names"]["may_be_used_twice"])


def test_heavy_libraries_are_imported_where_they_are_used():
    early = [
        f"{module} imports {name} at the top"
        for module, tree in house.TREES.items()
        for name in house.imported(house.at_the_top(tree))
        for heavy, rooms in HOUSE["heavy"].items()
        if (name == heavy or name.startswith(f"{heavy}.")) and not module.startswith((*rooms, "-"))
    ]
    assert not early


def test_importing_calotype_imports_its_version_alone_and_nothing_heavy():
    code = "import sys, calotype; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert {name for name in loaded if name.startswith("calotype")} == {
        "calotype", "calotype.ground", "calotype.ground.version"
    }
    assert not loaded & {*HOUSE["heavy"], "typing", "re", "json"}


def test_the_version_is_that_of_pyproject():
    from calotype.ground.version import VERSION

    pyproject: dict[str, Any] = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    assert pyproject["project"]["version"] == VERSION
