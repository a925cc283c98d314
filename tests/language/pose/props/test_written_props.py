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
    "unknown": ({"props": ["chiar"]}, ("props", 0), "chair"),
    "a word of the clinic": ({"props": ["swiss_ball"]}, ("props", 0), "did you mean `ball`?"),
    "another one": ({"props": [{"theraband": {"from": "left_hand", "to": "right_hand"}}]}, ("props", 0, "theraband"), "band"),
    "no such option": ({"props": [{"mat": {"colour": "red"}}]}, ("props", 0, "mat", "colour"), "it has no options"),
    "misspelt option": ({"props": [{"wall": {"sid": "left"}}]}, ("props", 0, "wall", "sid"), "side"),
    "another value": ({"props": [{"wall": {"side": "lefft"}}]}, ("props", 0, "wall", "side"), "left"),
    "a value of its own": ({"props": [{"wall": "left"}]}, ("props", 0, "wall"), "side"),
    "twice": ({"props": ["mat", "mat"]}, ("props", 1), "leave one of them out"),
    "untouched": ({"props": ["barbell"]}, ("props", 0), "hands: barbell"),
    "under nothing": ({"props": ["towel"]}, ("props", 0), "under: right_knee"),
    "no list": ({"props": "chair"}, ("props",), "[chair, {wall"),
    "out of range": ({"props": [{"step": {"height": 200}}]}, ("props", 0, "step", "height"), "2 to 60"),
    "metres": ({"props": [{"step": {"height": 0.15}}]}, ("props", 0, "step", "height"), "did you mean 15?"),
    "a unit": ({"props": [{"ball": {"diameter": "65cm"}}]}, ("props", 0, "ball", "diameter"), "write 65"),
    "a part that is not there": (
        {"props": [{"band": {"from": "left_hand", "to": "left_tail"}}]}, ("props", 0, "band", "to"), "left_"),
    "to itself": (
        {"props": [{"band": {"from": "left_hand", "to": "left_hand"}}]}, ("props", 0, "band", "to"), "name two parts"),
    "to one of both": ({"props": [{"strap": {"from": "hands", "to": "left_hand"}}]}, ("props", 0, "strap", "to"), "itself"),
    "no end": ({"props": [{"band": {"from": "left_hand"}}]}, ("props", 0, "band"), "to"),
    "an anchor that is none": (
        {"props": [{"band": {"from": "left_hand", "to": "right_hand", "side": "left"}}]}, ("props", 0, "band", "side"), "anchor"),
    "to a door": ({"props": [{"band": {"from": "door", "to": "right_hand"}}]}, ("props", 0, "band", "from"), "`anchor`"),
    "under and between": (
        {"props": [{"pillow": {"under": "head", "between": "knees"}}]}, ("props", 0, "pillow", "between"), "leave one"),
    "the back on a wall in front": (
        {"contacts": {"back": "wall"}, "props": [{"wall": {"side": "front"}}]}, ("props", 0, "wall", "side"), "side: behind"),
    "the side of a seat": ({"base": "seated", "props": [{"chair": {"side": "left"}}]}, ("props", 0, "chair", "side"), "leave"),
    "two that may be meant": (
        {"contacts": {"left_hand": "wall"}, "props": [{"wall": {"side": "left"}}, {"wall": {"side": "front"}}]},
        ("props", 1, "wall"), "do not say which"),
    "one on another": (
        {"props": [{"pillow": {"under": "head"}}, {"pillow": {"under": "head", "height": 10}}]},
        ("props", 1, "pillow", "under"), "already"),
    "nothing": ({"props": [{}]}, ("props", 0), "[chair"),
    "one knee twice": ({"props": [{"towel": {"under": "knees"}}, {"towel": {"under": "left_knee"}}]},
                       ("props", 1, "towel", "under"), "already"),
    "a weight on a foot": ({"contacts": {"left_foot": "weight"}}, ("contacts", "left_foot"), "at: left_ankle"),
    "a barbell under the seat": ({"contacts": {"seat": "barbell"}}, ("contacts", "seat"), "hands: barbell"),
    "its own head": ({"contacts": {"head": "head"}}, ("contacts", "head"), "hands: head"),
    "its own trunk": ({"contacts": {"chest": "abdomen"}}, ("contacts", "chest"), "hands: abdomen"),
    "its own hand": ({"contacts": {"left_hand": "left_forearm"}}, ("contacts", "left_hand"), "right_forearm"),
    "back and front": ({"contacts": {"back": "floor", "chest": "floor"}}, ("contacts", "chest"), "none"),
    "a wall on both sides": ({"contacts": {"back": "wall", "chest": "wall"}}, ("contacts", "chest"), "none"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_its_place_and_a_hint(name: str) -> None:
    pose, pointer, hint = FAULTS[name]
    finding, = check(pose, {})
    assert finding.pointer == pointer and finding.severity == "error" and finding.hint
    assert hint in f"{finding.hint} {finding.message}"


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.beside and not kind.option("from")])
@pytest.mark.parametrize("base", ["standing", "seated", "supine", "quadruped", "side_lying"])
def test_what_may_stand_by_stands_by_whatever_the_base_is(name: str, base: str) -> None:
    posture = resolve({"base": base, "props": [name]}, None, {})
    assert [prop.name for prop in placed(posture, rest(posture))].count(name) == 1
