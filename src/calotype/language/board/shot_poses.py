"""How the body stands in a shot: by its posture and its beat, which the words of a shot tell where nobody says them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from calotype.language.board.brief import lexicon

BEATS = ("establish", "want", "detail", "touch", "use", "feel", "leave", "close")
POSTURES = ("table", "stand", "move")
"""At a table or a desk, on one's feet, in motion."""
_SIDES = {"left": "right", "right": "left"}
_ALIKE = ("seated", "standing")
"""Bases whose left is as their right."""


def pose_of(posture: str, beat: str, prop: str = "", hand: str = "") -> dict[str, Any]:
    """The pose as `language.pose` reads it, with the thing in it where it is one that a figure can hold; empty where no
    body is seen. `posture` is one of POSTURES, `beat` one of BEATS; `hand` is the one that acts, right if empty."""
    pose: dict[str, Any] = deepcopy(lexicon()["poses"][posture].get(beat, {}))
    if pose and prop:
        for key, value in lexicon()["with_prop"].get(beat, {}).items():
            pose[key] = ([each.format(prop=prop) for each in value] if isinstance(value, list) else
                         {part: surface.format(prop=prop) for part, surface in value.items()})
    return _mirrored(pose) if hand == "left" and pose.get("base") in _ALIKE else pose


def _mirrored(value: Any) -> Any:
    """`value` with left and right exchanged."""
    if isinstance(value, dict):
        return {_other_side(key): _mirrored(part) for key, part in value.items()}
    return _other_side(value) if isinstance(value, str) else value


def _other_side(name: str) -> str:
    side, under, part = name.partition("_")
    return f"{_SIDES[side]}{under}{part}" if side in _SIDES else name


def told_poses(shots: Iterable[tuple[str, str, str]]) -> list[dict[str, Any]]:
    """The poses of the shots of one board, each (prompt, posture, beat). What is no posture or beat, its words tell; a
    shot that tells no posture has that of the one before."""
    before, poses = "stand", []
    for prompt, posture, beat in shots:
        text = prompt.casefold()
        before = posture if posture in POSTURES else _told(text, _words()["postures"]) or before
        told = beat if beat in BEATS else _told(text, _words()["beats"]) or "establish"
        poses.append(pose_of(before, told, _told(text, _words()["props"]), _told(text, _words()["hands"])))
    return poses


def _told(text: str, entries: Mapping[str, str]) -> str:
    """The first entry, as the file orders them, whose pattern stands in `text`; empty where none does."""
    return next((name for name, pattern in entries.items() if re.search(rf"\b(?:{pattern})\b", text)), "")


@cache
def _words() -> Mapping[str, Any]:
    words: Mapping[str, Any] = json.loads((Path(__file__).parent / "shot_words.json").read_bytes())
    return words
