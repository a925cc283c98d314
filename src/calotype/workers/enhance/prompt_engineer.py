"""The embedded Prompt Engineer: scores a prompt by rules, and names what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calotype.language.enhancing.review import Review
from calotype.workers.enhance import cinema
from calotype.workers.enhance.cinema import ANGLE, COMPOSITION, FINISH, KELVIN, LENS, LIGHT, SHOT, SIDE, TEXTURE
from calotype.workers.protocol import Request

_NUMBER = re.compile(r"\bf/\d|\b\d+(?:\.\d+)? ?(?:mm|k\b|degrees|°)|\bof \d\d\b|\b\d\d years", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
SHORTEST, LONGEST = 20, 220
"""Words of a prompt that is ready for production."""
_CAMERA = {SHOT: 10, ANGLE: 18, LIGHT: 12, SIDE: 15, KELVIN: 15, COMPOSITION: 15, LENS: 15}
"""Of the score for cinematography; they add up to 100."""


def judge(request: Request, text: str) -> Review:
    """The review of `text`. What it names as missing is what the Cinematographer can add, and what only its author
    can."""
    small, elements = text.casefold(), cinema.present(text)
    scores = {
        "completeness": _completeness(small, elements), "specificity": _specificity(small, elements),
        "professionalism": _professionalism(small, elements),
        "cinematography": float(sum(points for name, points in _CAMERA.items() if elements[name])),
        "brand_alignment": _brand(request, small),
    }
    return Review(scores, (*(name for name, there in elements.items() if not there), *_remarks(small)))


def _completeness(small: str, elements: dict[str, bool]) -> float:
    words = cinema.cinema()
    told = [
        cinema.says(small, words["people"]), cinema.says(small, words["places"]),
        any(re.search(pattern, small) for pattern in words["actions"]), elements[LIGHT], elements[ANGLE],
        elements[COMPOSITION], elements[LENS], elements[SHOT], elements[TEXTURE]]
    return round(100 * sum(told) / len(told), 1)


def _specificity(small: str, elements: dict[str, bool]) -> float:
    """20 for words at all, 3 for each concrete word, 4 for each exact number, 15 where a surface is told; 10 off for
    each vague word."""
    concrete = {word for word in _WORD.findall(small) if word in _concrete()}
    exact = len(set(_NUMBER.findall(small)))
    points = 20 + 3 * len(concrete) + 4 * exact + (15 if elements[TEXTURE] else 0) - 10 * len(list(_vague(small)))
    return float(max(0, min(100, points)))


def _concrete() -> frozenset[str]:
    return frozenset(cinema.cinema()["concrete"])


def _vague(small: str) -> Iterator[str]:
    return (word for word in cinema.cinema()["vague"] if re.search(rf"\b{re.escape(word)}\b", small))


def _professionalism(small: str, elements: dict[str, bool]) -> float:
    """100, less for too few or too many words, for vague words, and where no medium or finish is told."""
    count = len(_WORD.findall(small))
    short, long = max(0, SHORTEST - count), max(0, count - LONGEST)
    points = 100 - 3 * short - long - 15 * len(list(_vague(small))) - (0 if elements[FINISH] else 25)
    return float(max(0, min(100, points)))


def _brand(request: Request, small: str) -> float:
    """By how many of the phrases that stay the same it says; 80 where there are none."""
    phrases = [part.strip() for phrase in request["keep"] for part in str(phrase).casefold().split(",")]
    if not phrases:
        return 80.0
    return round(40 + 60 * sum(phrase in small for phrase in phrases) / len(phrases), 1)


def _remarks(small: str) -> Iterator[str]:
    """What is wrong and cannot be mended by adding."""
    yield from (f"`{word}` says nothing that can be seen" for word in _vague(small))
    count = len(_WORD.findall(small))
    if count > LONGEST:
        yield f"it has {count} words; {LONGEST} are enough"
