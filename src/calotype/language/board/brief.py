"""What a brief says: its subject, its people, its mood, the name of its brand. Read by the lexicon alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from calotype.ground.light_dataclass import dataclass

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_QUOTED = re.compile(r"[\"“”„«]([^\"“”„«»]{2,40})[\"“”»]")
_BY = re.compile(r"\bby ((?:[A-Z][\w’'-]*|&)(?: (?:[A-Z][\w’'-]*|&))*)")
_LONGEST_NAME = 7
"""Words of a thing that no subject of the lexicon names."""


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief, understood. `thing` is what is shown, with its article; `subject`, `person` are entries of the lexicon,
    `mood` words that follow the place."""

    text: str
    thing: str
    subject: Mapping[str, Any]
    person: Mapping[str, Any]
    mood: str
    brand: str


@cache
def lexicon() -> Mapping[str, Any]:
    """The beats and words, from the data file beside this module."""
    words: Mapping[str, Any] = json.loads((Path(__file__).parent / "beats.json").read_bytes())
    return words


def read_brief(text: str) -> Brief:
    """What `text` says; the same text says the same. The first subject that it names counts."""
    words = [word.casefold() for word in _WORD.findall(text)]
    entries = lexicon()
    place = _first(words, entries["subjects"])
    name, word = place if place is not None else ("", "")
    subject = entries["subjects"].get(name, entries["unknown"])
    unbranded = _BY.sub("", _QUOTED.sub("", text))
    thing = subject.get("objects", {}).get(word) or subject.get("object") or _thing(unbranded, entries)
    people = _first(words, entries["people"])
    person = entries["people"][people[0] if people is not None else subject["person"]]
    if subject.get("who") == "man" and (people is None or people[0] == "elegant"):
        person = entries["man"]
    mood = _first(words, entries["moods"])
    return Brief(
        text, thing, subject, person, entries["moods"][mood[0]]["place"] if mood is not None else "", _brand(text))


def _first(words: Sequence[str], entries: Mapping[str, Mapping[str, Any]]) -> tuple[str, str] | None:
    """The entry whose word comes first in the brief, with that word."""
    by_word = {word: name for name, entry in reversed(list(entries.items())) for word in entry["words"]}
    return next(((by_word[word], word) for word in words if word in by_word), None)


def _thing(text: str, entries: Mapping[str, Any]) -> str:
    """What the brief names first, with an article: `a hand-thrown vase`."""
    phrase = list(_phrase(text, entries))
    if not phrase:
        return "the product"
    named = " ".join(phrase)
    if phrase[-1].casefold().endswith("s") and not phrase[-1].casefold().endswith(("ss", "us", "is")):
        return named
    return f"{'an' if named[0].casefold() in 'aeiou' else 'a'} {named}"


def _phrase(text: str, entries: Mapping[str, Any]) -> Iterator[str]:
    """The words of the thing: up to the first connecting word or stop, without what only says that it is advertised."""
    count = 0
    for part in re.finditer(r"[^\W_]+(?:['’-][^\W_]+)*|[^\s\w]+", text):
        word = part[0]
        if not word[0].isalnum() or word.casefold() in entries["connectors"]:
            if count:
                return
            continue
        if word.casefold() in entries["fillers"]:
            continue
        yield word if word[1:].lower() != word[1:] else word.lower()
        count += 1
        if count == _LONGEST_NAME:
            return


def _brand(text: str) -> str:
    """The brand that the brief names: what stands in quotation marks, else after `by`; empty where there is none."""
    name = _QUOTED.search(text) or _BY.search(text)
    return name[1].strip() if name else ""
