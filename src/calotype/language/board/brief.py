"""What a brief says, completed by the lexicon: its thing, its person, its place, its mood, the name of its brand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.board.phrases import Phrase, Phrases, read_phrases, thing_named, thing_of, word_lists

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_QUOTED = re.compile(r"[\"“”„«]([^\"“”„«»]{2,40})[\"“”»]")
_BY = re.compile(r"\b(?:by|brand(?: name)?:?) ((?:[A-Z][\w’'-]*|&)(?: (?:[A-Z][\w’'-]*|&))*)")
_LONGEST_NAME = 7
"""Words of a thing that no subject of the lexicon names."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is seen: what a prompt calls them (`who`, and the pronouns), how they look, and what they wear."""

    who: str
    them: str
    their: str
    themself: str
    character: str
    wardrobe: str


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief, understood. `thing` is what is shown, with its article; `subject` the lexicon's entry for it; `doing`
    what the person does with it, where the brief says so; `tones` words of its feeling."""

    text: str
    thing: str
    subject: Mapping[str, Any]
    person: Person
    place: str
    palette: str
    doing: str
    tones: tuple[str, ...]
    brand: str


@cache
def lexicon() -> Mapping[str, Any]:
    """The beats and words, from the data file beside this module."""
    words: Mapping[str, Any] = json.loads((Path(__file__).parent / "beats.json").read_bytes())
    return words


def read_brief(text: str) -> Brief:
    """What `text` says; the same text says the same. What it says outright stands; the lexicon adds what it leaves
    open. The first subject that it names counts."""
    entries, phrases = lexicon(), read_phrases(text)
    words = [word.casefold() for word in _WORD.findall(text)]
    name, word = _first(phrases.left_words, entries["subjects"]) or ("", "")
    subject = entries["subjects"].get(name, entries["unknown"])
    mood = _first(words, entries["moods"])
    hour = entries["moods"][mood[0]]["place"] if mood is not None else "" if phrases.place else subject.get("hour", "")
    place = phrases.place or subject["place"]
    return Brief(
        text, _shown(text, phrases, subject, word), subject, _person(words, phrases, subject),
        f"{place} {hour}".strip(), phrases.palette or subject["palette"], "" if name else phrases.doing, phrases.tones,
        _brand(text))


def _shown(text: str, phrases: Phrases, subject: Mapping[str, Any], word: str) -> str:
    """The thing that is shown: as the brief describes it, else as the lexicon does, else what the brief names first."""
    entries = lexicon()
    described = thing_named(phrases, word) if word else ""
    if described:
        return described
    vessel = phrases.vessel
    if vessel is not None and word and word not in vessel.text.casefold().split():
        return _with_article(f"{vessel.text} of {word}")
    if vessel is not None:
        return _with_article(vessel.text)
    if word:
        return str(subject.get("objects", {}).get(word) or subject["object"])
    if phrases.person is not None:
        return thing_of(phrases, entries["connectors"]) or "the product"
    return _thing(_BY.sub("", _QUOTED.sub("", text)), entries)


def _person(words: Sequence[str], phrases: Phrases, subject: Mapping[str, Any]) -> Person:
    """Who is seen: whom the brief names, else whom it speaks to, else whom the lexicon puts with the subject."""
    entries = lexicon()
    people = _first(words, entries["people"])
    usual = entries["people"][people[0] if people is not None else subject["person"]]
    if subject.get("who") == "man" and (people is None or people[0] == "elegant"):
        usual = entries["man"]
    if phrases.person is None:
        return Person(**{name: usual[name] for name in Person.__match_args__})
    return _named_person(words, phrases, phrases.person, usual)


def _named_person(words: Sequence[str], phrases: Phrases, named: Phrase, usual: Mapping[str, Any]) -> Person:
    lists = word_lists()
    role = lists["roles"][named.head]
    gender = role.get("gender") or next(
        (gender for word in words for gender, pronouns in lists["pronouns"].items() if word in pronouns),
        "man" if usual["them"] == "him" else "woman")
    described = {word.casefold() for word in named.words[:-1]}
    age = next((age for age, words in lists["ages"].items() if described & set(words)), role.get("age", "adult"))
    look = lists["looks"][gender][age]
    is_said = look["character"].startswith(f"{named.head} ")  # `woman of 32`
    character = [*named.words[:-1], look["character"]] if is_said else [f"{named.text},", look["character"]]
    return Person(f"the {named.head}", **lists["their"][gender], character=" ".join(character),
                  wardrobe=phrases.wardrobe or role.get("wardrobe", look["wardrobe"]))


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
    return _with_article(named)


def _with_article(named: str) -> str:
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
