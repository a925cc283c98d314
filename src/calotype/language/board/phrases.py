"""The phrases of a brief: who is in it, in what, with what, where, in which tone. Found by word lists and the order of
words; what they do not find, a brief does not say."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from calotype.ground.light_dataclass import dataclass

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\s\w]+")
_COLOURS = re.compile(
    r"\b(?:in|with) ((?:(?!in |with )[\w-]+,? ){0,5}?[\w-]+ and [\w-]+|[\w-]+) (?:palette|tones|colou?rs|hues)\b", re.I)
_PALETTE = re.compile(
    r"\bpalette of ([\w -]+(?:, [\w -]+)*? and [\w-]+(?: [\w-]+)?|[\w-]+)", re.I)
_VERB = re.compile(r"\w*[^s\W]s")
"""A verb as it follows one person: `drinks`."""
_ACTING = re.compile(r"\w+(?:ing|ly)|aged", re.IGNORECASE)
_STOPS = frozenset(".!?:;")
_MOST_MODIFIERS = 4
"""Words before a noun that belong to it."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun with what describes it: the tokens `start` to `end` (exclusive), without the article before them."""

    words: tuple[str, ...]
    start: int
    end: int

    @property
    def head(self) -> str:
        return self.words[-1].casefold()

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Phrases:
    """What a brief says outright; None and empty where it does not. `doing` is the clause of what the person does,
    `tones` the words of its mood, `palette` its colours, `features` how the person looks, `left_words` those that
    belong to no person, clothes or place."""

    person: Phrase | None
    wardrobe: str
    vessel: Phrase | None
    place: str
    doing: str
    tones: tuple[str, ...]
    palette: str
    tokens: tuple[str, ...]
    features: tuple[str, ...]
    left_words: tuple[str, ...]


@cache
def word_lists() -> Mapping[str, Any]:
    """The lists, from the data file beside this module."""
    lists: Mapping[str, Any] = json.loads((Path(__file__).parent / "phrases.json").read_bytes())
    return lists


def read_phrases(text: str) -> Phrases:
    """What `text` says outright; the same text says the same."""
    tokens = tuple(_TOKEN.findall(text))
    lists = word_lists()
    person = next((phrase for phrase in _nouns(tokens, lists["roles"]) if _is_actor(tokens, phrase)), None)
    worn = _worn(tokens, person)
    place = next((phrase for phrase in _nouns(tokens, lists["places"])
                  if _before(tokens, phrase) in lists["places after"]), None)
    vessel = next((phrase for phrase in _nouns(tokens, lists["vessels"]) if phrase.start < phrase.end - 1), None)
    features = _features(tokens, person)
    asides = [phrase for phrase in (years_of(tokens, person), *worn, *features, place) if phrase is not None]
    doing = _clause(tokens, person, asides)
    goes = doing.partition(" ")[0] in lists["goes"]
    goal = next((phrase for phrase in _nouns(tokens, lists["places"]) if goes and f" {phrase.text}" in doing), None)
    if place is None and goal is not None:
        asides.append(goal)
    around = {at for phrase in (person, *asides) if phrase is not None for at in range(phrase.start, phrase.end)}
    described = around | set(range(vessel.start, vessel.end)) if vessel is not None else around
    return Phrases(
        person, " and ".join(phrase.text for phrase in worn), vessel,
        goal.text if place is None and goal is not None else _place(tokens, place), doing,
        tuple(_tones(tokens, described)), _palette(text), tokens, tuple(phrase.text for phrase in features),
        tuple(token.casefold() for at, token in enumerate(tokens) if at not in around))


def thing_of(phrases: Phrases, other_words: Collection[str]) -> str:
    """What the person of a brief has to do with, with its article: `a walnut chair`; empty where none is named.
    `other_words` begin no thing: they connect."""
    tokens, lists = phrases.doing.split(), word_lists()
    for at, word in enumerate(tokens):
        if word.casefold() in lists["determiners"]:
            count = next((length for length, each in enumerate(tokens[at + 1:])
                          if each.casefold() in other_words or each.casefold() in lists["prepositions"]), len(tokens))
            named = tokens[at + 1:at + 1 + count]
            if named and (named[-1].casefold() in lists["roles"] or " ".join(named) == phrases.place):
                continue  # neither a person nor a place is a thing
            return f"{word.lower()} {' '.join(named)}" if named else ""
    return ""


def thing_named(phrases: Phrases, word: str, *, looks: bool) -> str:
    """The thing that `word` stands for as the brief describes it, with its article: `a gold pocket watch`; empty where
    it is only named. `looks`: a colour or a material describes it also where it has no article."""
    lists = word_lists()
    beside = {*lists["roles"], *lists["garments"], *lists["places"]}
    seen = {*lists["colours"], *lists["materials"]} if looks else set()
    for phrase in _nouns(phrases.tokens, [word.rpartition(" ")[2]]):
        article = phrases.tokens[phrase.start - 1].casefold() if phrase.start > 0 else ""
        others = {each.casefold() for each in phrase.words[:-1]} - set(word.split())
        if article in ("a", "an") and others - {"new"} and not others & beside:
            return f"{article} {phrase.text}"
        if article not in lists["determiners"] and others & seen and not others & beside:
            is_plural = phrase.head.endswith("s")
            return phrase.text if is_plural else f"{'an' if phrase.text[0] in 'aeiou' else 'a'} {phrase.text}"
    return ""


def _nouns(tokens: Sequence[str], heads: Collection[str]) -> Iterator[Phrase]:
    """The phrases that end in one of `heads`, in their order."""
    for at, token in enumerate(tokens):
        if token.casefold() in heads and not (at + 1 < len(tokens) and tokens[at + 1].casefold() in heads):
            yield _phrase(tokens, at)


def _phrase(tokens: Sequence[str], head: int) -> Phrase:
    """The noun at `head` with what stands between its article, or the beginning of a clause, and it."""
    start = head
    while start > 0 and head - start <= _MOST_MODIFIERS and not _ends_before(tokens[start - 1]):
        start -= 1
    if head - start > _MOST_MODIFIERS:
        start = head
    words = tokens[start:head + 1]
    begins = start == 0 or tokens[start - 1] in _STOPS
    return Phrase((words[0].lower() if begins else words[0], *words[1:]), start, head + 1)


def _ends_before(token: str) -> bool:
    """Whether `token` is no part of the phrase of a noun behind it: a verb is none."""
    return _opens(token) or (_VERB.fullmatch(token) is not None and token.casefold() not in word_lists()["no verbs"])


def _opens(token: str) -> bool:
    """Whether a noun's phrase begins behind `token`."""
    word, lists = token.casefold(), word_lists()
    return (not word[0].isalnum() or word in lists["determiners"] or word in lists["prepositions"]
            or word in ("and", "or", "that", "which", "who", "is", "are", "where", "when", "no"))


def _before(tokens: Sequence[str], phrase: Phrase) -> str:
    """The word before the phrase and its article."""
    at = phrase.start - 1
    if at >= 0 and tokens[at].casefold() in word_lists()["determiners"]:
        at -= 1
    return tokens[at].casefold() if at >= 0 else ""


def _is_actor(tokens: Sequence[str], phrase: Phrase) -> bool:
    """Whether the noun stands for a person, and not before another noun (`a chef knife`)."""
    if phrase.end == len(tokens) or _opens(tokens[phrase.end]):
        return True
    return any(pattern.fullmatch(tokens[phrase.end]) for pattern in (_VERB, _ACTING))


def _place(tokens: Sequence[str], phrase: Phrase | None) -> str:
    """The place with the name that follows it: `narrow café in Vienna`; with what leads to it where that is not in it:
    `by the sea`."""
    if phrase is None:
        return ""
    led, before = _before(tokens, phrase), tokens[phrase.start - 1].lower()
    beside = [] if led in word_lists()["inside"] else [led] if led == before else [led, before]
    end = phrase.end + 1
    while end < len(tokens) and tokens[phrase.end] in ("in", "of", "near", "above") and tokens[end].istitle():
        end += 1
    named = tokens[phrase.end:end] if end > phrase.end + 1 else ()
    return " ".join([*beside, phrase.text, *named])


def _worn(tokens: Sequence[str], person: Phrase | None) -> list[Phrase]:
    """What the person wears: `in a blue uniform and white clogs`."""
    lists = word_lists()
    worn: list[Phrase] = []
    for phrase in _nouns(tokens, lists["garments"]) if person is not None else ():
        joins = lists["wearing"] if not worn else ("and", ",") if phrase.start - worn[-1].end <= 2 else ()
        if _before(tokens, phrase) in joins:
            worn.append(phrase)
    return worn


def years_of(tokens: Sequence[str], person: Phrase | None) -> Phrase | None:
    """How old the person is, where it is said behind them: `of 8`, `aged 70`."""
    at = person.end if person is not None else len(tokens)
    is_said = at + 1 < len(tokens) and tokens[at].casefold() in ("of", "aged") and tokens[at + 1].isdecimal()
    return Phrase((tokens[at + 1],), at, at + 2) if is_said else None


def _features(tokens: Sequence[str], person: Phrase | None) -> list[Phrase]:
    """How the person looks: `with short black hair and green eyes`."""
    looks: list[Phrase] = []
    for phrase in _nouns(tokens, word_lists()["features"]) if person is not None else ():
        joins = ("with",) if not looks else ("with", "and", ",")
        if person is not None and phrase.start > person.start and _before(tokens, phrase) in joins:
            looks.append(phrase)
    return looks


def _clause(tokens: Sequence[str], person: Phrase | None, asides: Sequence[Phrase]) -> str:
    """What the person does, up to where it is said where or in what (the `asides`), or the clause ends: `sands a walnut
    chair`."""
    start = next((at for at in _verbs(tokens, (person, *asides))), None) if person is not None else None
    if start is None:
        return ""
    end = next((at for at in range(start, len(tokens)) if not tokens[at][0].isalnum()), len(tokens))
    end = min([end, *(aside.start for aside in asides if aside.start > start)])
    while _opens(tokens[end - 1]):
        end -= 1
    return " ".join(tokens[start:end])


def _verbs(tokens: Sequence[str], phrases: Sequence[Phrase | None]) -> Iterator[int]:
    """Where a verb follows one of the phrases, at once or behind adverbs."""
    for phrase in phrases:
        at = phrase.end if phrase is not None else len(tokens)
        while at < len(tokens) and tokens[at].casefold().endswith("ly"):
            at += 1
        if at < len(tokens) and _VERB.fullmatch(tokens[at]):
            yield at


def _tones(tokens: Sequence[str], taken: Collection[int]) -> Iterator[str]:
    """The words that say how it is to feel: not those that describe a thing."""
    lists = word_lists()
    for at, token in enumerate(tokens):
        following = tokens[at + 1].casefold() if at + 1 < len(tokens) else "."
        is_free = not following[0].isalnum() or following in ("and", "but", *lists["after tones"], *lists["tones"])
        if at not in taken and token.casefold() in lists["tones"] and is_free:
            yield token.casefold()


def _palette(text: str) -> str:
    """The colours that the whole is to have."""
    colours = _PALETTE.search(text) or _COLOURS.search(text)
    return colours[1].strip() if colours else ""
