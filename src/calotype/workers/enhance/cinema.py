"""The words of camera and light that the embedded agents know, and what of them stands in a text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

SHOT, ANGLE, LIGHT, SIDE, KELVIN, COMPOSITION, LENS, TEXTURE, FINISH = ELEMENTS = (
    "shot size", "camera angle", "light", "direction of the light", "colour temperature of the light", "composition",
    "lens and depth of field", "surface and texture", "finish")
"""What the Cinematographer adds, and the Prompt Engineer misses by these names."""
_KELVIN = re.compile(r"\b\d{4,5} ?k\b", re.IGNORECASE)
_DEGREES = re.compile(r"\b\d{1,3} degrees\b|°")


@cache
def cinema() -> Mapping[str, Any]:
    """The lexicon. Never edited in place: a change moves the epoch of the embedded enhancer."""
    words: Mapping[str, Any] = json.loads((Path(__file__).parent / "cinema.json").read_bytes())
    return words


def says(text: str, words: Iterable[str]) -> bool:
    """Whether one of `words` begins a word of `text`, which is in small letters."""
    return _pattern(tuple(words)).search(text) is not None


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join((r"(?<!\w)" if word[0].isalnum() else "") + re.escape(word) for word in words))


def first(text: str, entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The first entry one of whose `words` stands in `text`, in small letters."""
    return next((entry for entry in entries if says(text, entry["words"])), None)


def said_time(text: str, entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The first entry whose time of day or weather `text`, in small letters, says outright: `at night`, not `night`."""
    return next((entry for entry in entries if "said" in entry and says(text, entry["said"])), None)


def framing_of(text: str) -> Mapping[str, Any] | None:
    return first(text, cinema()["framings"])


def side_of_light(text: str) -> str:
    """The side from which `text` says that light comes; empty where it says none."""
    match = _side_pattern().search(text.casefold())
    return match[1] if match else ""


@cache
def _side_pattern() -> re.Pattern[str]:
    return re.compile(cinema()["side_of_light"])


def present(text: str) -> dict[str, bool]:
    """Which of ELEMENTS stand in `text`."""
    small, words = text.casefold(), cinema()
    return {
        SHOT: framing_of(small) is not None, ANGLE: says(small, words["angles"]), LIGHT: says(small, words["lights"]),
        SIDE: bool(side_of_light(small)) or _DEGREES.search(small) is not None,
        KELVIN: _KELVIN.search(small) is not None, COMPOSITION: says(small, words["compositions"]),
        LENS: says(small, words["lenses"]), TEXTURE: says(small, ("texture", "grain", "weave", "glaze", "surface",
                                                                  "refraction", "crust", "reflection", "mesh")),
        FINISH: says(small, words["media"]),
    }
