"""Left and right exchanged in English words, as for the mirror image of what they tell. Must not know poses.

A word stays where it is no side of what is shown (`right angle`, `the right height`, `left over`), or names
the place of a picture on its page (`the left picture`) or the hand that somebody writes with.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from calotype.language.pose.laterality.side_words import ADVERBS, MUSCLES, PARTS_BESIDE, QUALITIES

_OTHER = {"left": "right", "right": "left", "l": "r", "r": "l", "clockwise": "anticlockwise"}
_LETTERS = re.compile(
    rf"\b[LR](?=t?\b\.?\)?[\s-]+(?:{PARTS_BESIDE}|(?:sided?|{'|'.join(MUSCLES)})\b)|[UL]E\b|\s?[/&+]\s?[LR]\b|:)"
    r"|(?<=\()[LR](?=t?\.?\))"
    r"|(?:(?<=\bon the )|(?<=\bto the )|(?<=[/&+])|(?<=[/&+] ))[LR]\b|(?<=[,\u2013\u2014-] )[LR]$"
)
"""A side as a letter: `L knee`, `(R)`, `R-sided`, `LLE`, `L/R`, `L: 10`, `on the R`, `Clam - R`."""
_ALONE = r"(?<!the\s)(?<!your\s)(?<!turn\s)(?<!lean\s)"
_STAYS = (
    r"\bright[\s-]+angle[sd]?\b|\bright-angled\b"
    rf"|{_ALONE}\bright\s+(?:{ADVERBS})\b(?!\s+(?:the\s+|your\s+)?left\b)|\bright\s+(?:{QUALITIES})\b"
    rf"|\b(?:all|just|is|are|be|nothing|it's|that's|looks|feels?)\s+(?:right|left)\b(?![\s-]+{PARTS_BESIDE})"
    rf"|{_ALONE}\bleft\s+(?:over|alone|out|free)\b(?!\s+(?:the\s+|your\s+)?right\b)"
    r"|\b(?:second|minute|day|week|repetition|rep|set|time)s?\s+left\b|\b(?:left|right)-?handed\b"
    r"|\b(?:left|right)(?:[\s-]+hand)?\s+(?:pictures?|images?|panels?|photos?|drawings?|illustrations?|columns?|pages?)\b"
)
_WORDS = re.compile(
    r"(?:^|[,;:.(]|\b(?:and|then|with|while)\b)\s*(?P<fellow>left|right)\s+"
    r"(?:up|down|out|back|behind|over|under(?:neath)?|above|below)\b"
    rf"|{_STAYS}|\b(?P<side>left|right)(?=(?:wards?|most|hand)?\b)"
    r"|\b(?P<turn>(?:(?:anti|counter)[-\s]?)?clockwise)\b",
    re.IGNORECASE,
)


def exchanged(text: str, letters: bool = True) -> str:
    """The text with each side named as the other one, turns the other way round. Without `letters` an L and an R stay:
    in other languages they are other sides."""
    if letters:
        text = _LETTERS.sub(lambda match: _OTHER[match[0].lower()].upper(), text)
    both = all(re.search(rf"\b{side}\b", text, re.IGNORECASE) for side in ("left", "right"))
    return _WORDS.sub(lambda match: _other_way(match, both), text)


def exchanger(pairs: dict[str, str]) -> Callable[[str], str]:
    """What exchanges the words of another language: each of `pairs` for its fellow, both ways, as whole words."""
    both = {word.lower(): other for a, b in pairs.items() for word, other in ((a, b), (b, a))}
    words = "|".join(re.escape(word) for word in sorted(both, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub(lambda match: _cased(both[match[0].lower()], match[0]), text)


def _other_way(match: re.Match[str], both: bool) -> str:
    """`left arm up, right down` tells of two arms, which `right down to the floor` alone does not."""
    if match["turn"]:
        return _cased(_OTHER.get(match["turn"].lower(), "clockwise"), match["turn"])
    side = "fellow" if match["fellow"] and both else "side"
    if not match[side]:
        return match[0]
    start, end = match.start(side) - match.start(), match.end(side) - match.start()
    return match[0][:start] + _cased(_OTHER[match[side].lower()], match[side]) + match[0][end:]


def _cased(word: str, like: str) -> str:
    """`word` in capitals as `like` is."""
    if like.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word
