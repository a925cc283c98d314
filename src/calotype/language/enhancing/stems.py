"""The words of a text: their stems, the clauses they stand in, and those that name people and parts of a body."""

from __future__ import annotations

import re
from collections.abc import Iterator

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_STOP = re.compile(r"[,.;:()\n!?](?=\s|$)|\s[–—-]\s|—")
BODY = frozenset((
    "hand", "arm", "leg", "foot", "finger", "thumb", "head", "face", "eye", "ear", "person", "people", "figure",
    "woman", "women", "man", "men", "child", "children", "girl", "boy"))
"""Parts of a body, and whom it may be of."""
DETERMINERS = frozenset((
    "a", "an", "the", "her", "his", "its", "their", "my", "our", "this", "that", "these", "those", "any"))
SMALL = frozenset((
    "a", "an", "and", "are", "as", "at", "away", "before", "behind", "beside", "beyond", "but", "by", "for",
    "from", "her", "him", "his", "in", "into", "is", "it", "its", "just", "me", "my", "near", "of", "off", "on",
    "onto", "or", "our", "out", "over", "she", "he", "short", "than", "that", "the", "their", "them", "then",
    "there", "they", "this", "those", "to", "towards", "toward", "under", "up", "upon", "very", "was", "were",
    "while", "who", "whose", "with"))
"""Words that name nothing that is seen."""


def stem(word: str) -> str:
    """A word without the endings by which its forms differ: reach, reaches, reaching; mug, mugs."""
    plain = word.casefold().removesuffix("'s").removesuffix("’s")
    for ending in ("ing", "ies", "ed", "es", "s", "e", "y"):
        if plain.endswith(ending) and len(plain) - len(ending) >= 3 and not plain.endswith("ss"):
            plain = plain[: -len(ending)]
            break
    return plain[:-1] if len(plain) > 3 and plain[-1] == plain[-2] else plain


STEMS_OF_BODY = frozenset(map(stem, BODY))


def spoken(text: str) -> str:
    """The words alone, in small letters, with a space on either side."""
    return f" {' '.join(word.casefold() for word in WORD.findall(text))} "


def stems_in(text: str) -> set[str]:
    """Of the words of `text` that name something."""
    return {stem(word) for word in WORD.findall(text) if word.casefold() not in SMALL}


def clauses(text: str) -> Iterator[list[str]]:
    """The words of each stretch of text between stops, in small letters."""
    for clause in re.split(r"[,.;:()\n](?=\s|$)|\s[–—-]\s", text):
        words = [word.casefold() for word in WORD.findall(clause)]
        if words:
            yield words


def hyphened_clauses(text: str) -> Iterator[list[str]]:
    """As `clauses`; what is written with a hyphen is one word."""
    for clause in _STOP.split(text):
        words = [word.casefold().replace("’", "'") for word in _TOKEN.findall(clause)]
        if words:
            yield words


def is_of_body(word: str) -> bool:
    """Whether the word itself names a part of a body or a person: `facing` does not."""
    return word in BODY or word.removesuffix("s") in BODY or word == "feet"
