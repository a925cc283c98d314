"""The embedded Cinematographer: adds angle, light, composition and lens to a prompt, by a lexicon.

The light is chosen by what all shots of a scene share, so that it stays the same from shot to shot, unless a shot says
another time of day or weather; angle, composition and lens by how near the shot is seen. It adds sentences and changes
no word that stands there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from calotype.workers.enhance import cinema
from calotype.workers.enhance.cinema import ANGLE, COMPOSITION, FINISH, KELVIN, LENS, LIGHT, SHOT, SIDE, TEXTURE
from calotype.workers.protocol import Request

FIRST = (SHOT, ANGLE, LIGHT, SIDE, KELVIN, COMPOSITION, LENS, FINISH)
"""What is added in the first round; the others when the Prompt Engineer misses them."""


def write(request: Request, text: str, critique: Sequence[str]) -> str:
    """`text` with what it lacks: in the first round (no `critique`) camera, light and finish, later what was missed."""
    lacking = {name for name, there in cinema.present(text).items() if not there}
    asked = lacking & set(critique or FIRST)
    sentences = [sentence for sentence in (
        _camera(text, asked), _light(request, text, asked), _composition(text, asked), _surface(text, asked),
        cinema.cinema()["finish"] if FINISH in asked else "") if sentence]
    return ". ".join([text.rstrip(". "), *sentences]) + "." if sentences else text


def _framing(text: str) -> Any:
    framings = cinema.cinema()["framings"]
    plain = next(each for each in framings if each["shot"] == cinema.cinema()["unframed"])
    return cinema.framing_of(text.casefold()) or plain


def _camera(text: str, asked: set[str]) -> str:
    framing = _framing(text)
    return ", ".join(_capitalised([
        *([framing["shot"]] if SHOT in asked else []), *([framing["angle"]] if ANGLE in asked else []),
        *([framing["lens"]] if LENS in asked else [])]))


def _light(request: Request, text: str, asked: set[str]) -> str:
    """One sentence; where the text speaks of light already, only what it leaves open, from the side that it says."""
    if not asked & {LIGHT, SIDE, KELVIN}:
        return ""
    scene, shot = str(request["scene"]).casefold(), str(request["shot"]).casefold()
    side = cinema.side_of_light(f"{scene} {shot}") or "left"
    return _kind_of_light(scene, shot).format(side=side)


def _kind_of_light(scene: str, shot: str) -> str:
    """That of the time or weather which the shot itself says, else that of the scene. A word of the shot alone, such as
    `room`, decides nothing: the other shots may lack it."""
    words = cinema.cinema()
    entry = cinema.said_time(shot, words["scenes"]) or cinema.first(scene, words["scenes"])
    return str(entry["light"] if entry is not None else words["other_light"])


def _composition(text: str, asked: set[str]) -> str:
    return ", ".join(_capitalised([_framing(text)["composition"]])) if COMPOSITION in asked else ""


def _surface(text: str, asked: set[str]) -> str:
    if TEXTURE not in asked:
        return ""
    entry = cinema.first(text.casefold(), cinema.cinema()["textures"])
    texture = entry["texture"] if entry is not None else cinema.cinema()["other_texture"]
    return ", ".join(_capitalised([texture]))


def _capitalised(phrases: Sequence[str]) -> Iterator[str]:
    """The first phrase begins with a capital, the others with a small letter."""
    for place, phrase in enumerate(phrases):
        yield (phrase[0].upper() if place == 0 else phrase[0].lower()) + phrase[1:]
