"""Left and right exchanged in English words, as for the mirror image of what they tell. Must not know poses.

A word stays where it is no side of what is shown (`right angle`, `the right height`, `left over`), or names
the place of a picture on its page (`the left picture`) or the hand that somebody writes with.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from calotype.language.pose.laterality.side_words import ADVERBS, PARTS_BESIDE, QUALITIES, SHORT

_OTHER = {"left": "right", "right": "left", "l": "r", "r": "l", "clockwise": "anticlockwise"}
_STAYS = (
    r"\bright[\s-]+angle[sd]?\b|\bright-angled\b"
    rf"|(?<!the\s)(?<!your\s)(?<!turn\s)(?<!lean\s)\bright\s+(?:{ADVERBS})\b|\bright\s+(?:{QUALITIES})\b"
    rf"|\b(?:all|just|is|are|be|nothing|it's|looks?|feels?)\s+(?:right|left)\b(?![\s-]+{PARTS_BESIDE})"
    r"|\bleft\s+(?:over|alone|out|free)\b|\b(?:left|right)-?handed\b"
    r"|\b(?:left|right)(?:[\s-]+hand)?\s+(?:pictures?|images?|panels?|photos?|drawings?|illustrations?|columns?|pages?)\b"
)
_WORDS = re.compile(
    rf"{_STAYS}|\b(?P<side>left|right)(?=(?:wards?|most|hand)?\b)|\b(?P<turn>(?:anti|counter)?-?clockwise)\b",
    re.IGNORECASE,
)


def exchanged(text: str) -> str:
    """The text with each side named as the other one, turns the other way round."""
    text = SHORT.sub(lambda match: _in_place(match, 1), text)
    return _WORDS.sub(_other_way, text)


def exchanger(pairs: dict[str, str]) -> Callable[[str], str]:
    """What exchanges the words of another language: each of `pairs` for its fellow, both ways, as whole words."""
    both = {word.lower(): other for a, b in pairs.items() for word, other in ((a, b), (b, a))}
    words = "|".join(re.escape(word) for word in sorted(both, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(lambda match: _cased(both[match[0].lower()], match[0]), text)


def _other_way(match: re.Match[str]) -> str:
    if match["side"]:
        return _cased(_OTHER[match["side"].lower()], match["side"])
    if match["turn"]:
        return _cased(_OTHER.get(match["turn"].lower(), "clockwise"), match["turn"])
    return match[0]


def _in_place(match: re.Match[str], group: int) -> str:
    start, end = match.start(group) - match.start(), match.end(group) - match.start()
    return match[0][:start] + _cased(_OTHER[match[group].lower()], match[group]) + match[0][end:]


def _cased(word: str, like: str) -> str:
    """`word` in capitals as `like` is."""
    if like.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word
