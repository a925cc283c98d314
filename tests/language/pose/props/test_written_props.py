"""Props as they are written: one canonical form, mirrored by what is said of them, and every fault with its place."""

from __future__ import annotations

from typing import Any

import pytest

from calotype.language.pose import check, resolve
from calotype.language.pose.posture import mirror
from calotype.language.pose.props.in_world import placed
from calotype.language.pose.props.prop_kinds import KINDS
from calotype.language.pose.stance import rest


@pytest.mark.parametrize("written", [["chair", "mat"], ["mat", {"chair": {}}], [{"mat": None, "chair": {}}], {"chair": {}, "mat": {}}])
def test_the_same_props_are_one_value_however_they_are_written(written: Any) -> None:
    assert check({"props": written}, {}) == []
    assert resolve({"props": written}, "standing", {})["props"] == ["chair", "mat"]


def test_a_prop_with_options_is_a_mapping_with_its_name() -> None:
    posture = resolve({"props": [{"wall": {"side": "left"}}, "chair"]}, "standing", {})
    assert posture["props"] == ["chair", {"name": "wall", "side": "left"}]
    assert mirror(posture)["props"] == ["chair", {"name": "wall", "side": "right"}]
    assert mirror(mirror(posture)) == posture


@pytest.mark.parametrize("side", ["front", "behind", "left", "right"])
def test_a_wall_stands_on_the_side_that_is_said(side: str) -> None:
    posture = resolve({"props": [{"wall": {"side": side}}]}, "standing", {})
    wall, = placed(posture, rest(posture))
    axis, sense = {"front": (0, 1), "behind": (0, -1), "left": (2, -1), "right": (2, 1)}[side]
    assert sense * wall.at[axis] > 0.15 and wall.at[2 - axis] == 0


FAULTS: dict[str, tuple[Any, tuple[Any, ...], str]] = {
    "unknown": (["chiar"], (0,), "chair"), "no such option": ([{"chair": {"colour": "red"}}], (0, "chair", "colour"), ""),
    "misspelt option": ([{"wall": {"sid": "left"}}], (0, "wall", "sid"), "side"),
    "another value": ([{"wall": {"side": "lefft"}}], (0, "wall", "side"), "left"),
    "a value of its own": ([{"wall": "left"}], (0, "wall"), "side"),
    "twice": (["mat", "mat"], (1,), ""), "untouched": (["barbell"], (0,), "hands: barbell"), "no list": ("chair", (), ""),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_its_place_and_a_hint(name: str) -> None:
    props, pointer, hint = FAULTS[name]
    finding, = check({"props": props}, {})
    assert finding.pointer == ("props", *pointer) and finding.severity == "error"
    assert hint in f"{finding.hint} {finding.message}"


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.beside])
@pytest.mark.parametrize("base", ["standing", "seated", "supine", "quadruped", "side_lying"])
def test_what_may_stand_by_stands_by_whatever_the_base_is(name: str, base: str) -> None:
    posture = resolve({"base": base, "props": [name]}, None, {})
    assert [prop.name for prop in placed(posture, rest(posture))].count(name) == 1
