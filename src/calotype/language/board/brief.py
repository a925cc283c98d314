"""What a brief says, completed by the lexicon: its thing, its person, its place, its mood, the name of its brand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.board.attributes import colours_of, companion_of, details_of, group_of, measured_thing
from calotype.language.board.phrases import (
    Phrase,
    Phrases,
    read_phrases,
    thing_named,
    thing_of,
    word_lists,
    years_of,
)
from calotype.language.board.tongue import is_english

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_QUOTED = re.compile(r"[\"“”„«]([^\"“”„«»]{2,40})[\"“”»]")
_BY = re.compile(r"\b(?:by|brand(?: name)?:?) ((?:[A-Z][\w’'-]*|&)(?: (?:[A-Z][\w’'-]*|&))*)")
_HAND = re.compile(r"\b(left|right)(?: hand\b|-hand(?:ed)?\b)", re.I)
_YEARS = re.compile(r"(\d{1,3})-years?-old")
_LONGEST_NAME = 7
"""Words of a thing that no subject of the lexicon names."""
_LONGEST_CLAUSE = 12
"""Words of a brief that is not English which stand for the thing."""


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
    what the person does with it, where the brief says so; `tones` words of its feeling. `hand` is the one that it
    speaks of, left or right, else empty."""

    text: str
    thing: str
    subject: Mapping[str, Any]
    person: Person
    place: str
    palette: str
    doing: str
    tones: tuple[str, ...]
    brand: str
    hand: str = ""


@cache
def lexicon() -> Mapping[str, Any]:
    """The beats and words, from the data file beside this module."""
    words: Mapping[str, Any] = json.loads((Path(__file__).parent / "beats.json").read_bytes())
    return words


def read_brief(text: str) -> Brief:
    """What `text` says; the same text says the same. What it says outright stands; the lexicon adds what it leaves
    open. The thing that it names first counts. Of what is not English nothing is understood: its words are the
    thing."""
    entries = lexicon()
    if not is_english(text):
        subject = entries["unknown"]
        usual = entries["people"][subject["person"]]
        return Brief(text, _words_as_they_stand(text), subject, _plain_person(usual), subject["place"],
                     subject["palette"], "", (), _brand(text))
    phrases = read_phrases(text)
    words = [word.casefold() for word in _WORD.findall(text)]
    name, word = _subject(text, phrases) or ("", "")
    subject = entries["subjects"].get(name, entries["unknown"])
    place = phrases.place or subject["place"]
    hour = _hour(words, entries) or ("" if phrases.place else subject.get("hour", ""))
    return Brief(
        text, _shown(text, phrases, subject, word), subject, _person(words, phrases, subject),
        f"{place} {hour}".strip(), phrases.palette or subject["palette"], "" if name else phrases.doing, phrases.tones,
        _brand(text), _hand(text))


def _hand(text: str) -> str:
    """The hand of which a brief speaks, where it speaks of one."""
    hands = {side.casefold() for side in _HAND.findall(text)}
    return hands.pop() if len(hands) == 1 else ""


def _words_as_they_stand(text: str) -> str:
    """The first sentence of a brief, without what ends it."""
    first = re.split(r"(?<=\w)[.!?;。！？](?:\s|$)", text, maxsplit=1)[0]
    return " ".join(first.split()[:_LONGEST_CLAUSE]).strip(" .,;:!?") or "the product"


def _subject(text: str, phrases: Phrases) -> tuple[str, str] | None:
    """The entry of the lexicon for what the brief shows, with its word there. Where a brief begins with a thing, as `A
    charity that ...`, no word behind that counts."""
    entries, lists = lexicon(), word_lists()
    if phrases.person is None and phrases.vessel is None:
        named = list(_phrase(_without_brand(text), entries))
        head = named[-1].casefold() if named else ""
        begins = phrases.tokens[0].casefold() in lists["determiners"] if phrases.tokens else False
        apart = {*lists["abstract"], *lists["quantities"], *lists["vessels"], *lists["groups"], *lists["imperatives"]}
        if begins and head and not apart & {word.casefold() for word in named}:
            return next(_nouns([word.casefold() for word in named]), None)
    return next(_nouns(phrases.left_words), None)


def _hour(words: Sequence[str], entries: Mapping[str, Any]) -> str:
    """The time of day and of year, or the mood, of which the brief speaks: `at night in summer`; empty where it speaks
    of none. A colour is none of these: `midnight blue`."""
    colours = word_lists()["colours"]
    plain = [word for word, after in zip(words, [*words[1:], ""], strict=False) if after not in colours]
    moods = [entries["moods"][name] for name, _ in _all(plain, entries["moods"])]
    hour = next((mood["place"] for mood in moods if mood.get("hour")), "")
    season = next((mood["season"] for mood in moods if "season" in mood), "")
    return f"{hour} {season}" if hour and season else str(moods[0]["place"]) if moods else ""


def _shown(text: str, phrases: Phrases, subject: Mapping[str, Any], word: str) -> str:
    """The thing that is shown: as the brief describes it, else as the lexicon does, else what the brief names first."""
    if word:
        return _described(text, phrases, subject, word) or _known(text, subject, word)
    if phrases.vessel is not None:
        return _with_article(phrases.vessel.text)
    if phrases.person is not None:
        before = _named_before(phrases, phrases.person)
        return before or thing_of(phrases, lexicon()["connectors"]) or "the product"
    group = group_of(phrases.tokens)
    if group:
        clause = " ".join(takewhile(_WORD.fullmatch, phrases.tokens[len(group.split()):]))
        return thing_of(replace(phrases, doing=clause), lexicon()["connectors"]) or "the product"
    return _thing(_without_brand(text), lexicon())


def _named_before(phrases: Phrases, person: Phrase) -> str:
    """The thing with which the brief begins, before it comes to a person: `hiking boots`; empty where it begins
    otherwise."""
    lists, tokens = word_lists(), phrases.tokens[:person.start]
    named = list(_phrase(_without_brand(" ".join(tokens)), lexicon()))
    if not named or tokens[0].casefold() in lists["prepositions"] or named[0].casefold() in lists["numbers"]:
        return ""
    no_things = {*lists["abstract"], *lists["places"], *lists["tones"], *lists["colours"], *lists["materials"]}
    is_mood = any(named[-1].casefold() in mood["words"] for mood in lexicon()["moods"].values())
    return "" if is_mood or named[-1].casefold() in no_things else _counted(" ".join(named))


def _described(text: str, phrases: Phrases, subject: Mapping[str, Any], word: str) -> str:
    """The thing that `word` stands for as the brief describes it; empty where it is only named."""
    measured = measured_thing(phrases.tokens, word)
    if measured:
        return measured
    is_held = subject["family"] in ("drink", "food", "care", "scent")  # in something: its own colour is no thing's
    plain = thing_named(phrases, word, looks=not is_held)
    details, colours = details_of(phrases.tokens), "" if is_held else colours_of(phrases.tokens)
    if details or colours:
        plain = plain or _counted(f"{colours} {_in_full(text, word)}".strip())
        return f"{plain} with {details}" if details else plain
    vessel = phrases.vessel
    if plain or vessel is None:
        return plain
    return _with_article(vessel.text if word in vessel.text.casefold().split() else f"{vessel.text} of {word}")


def _known(text: str, subject: Mapping[str, Any], word: str) -> str:
    """The thing as the lexicon has it, by the full name that the brief gives it: `a clear glass of orange juice`."""
    usual = subject.get("objects", {}).get(word) or subject.get("object")
    full = _in_full(text, word)
    return _counted(full) if usual is None else f"{usual.removesuffix(word)}{full}" if usual.endswith(
        f" of {word}") else str(usual)


def _in_full(text: str, word: str) -> str:
    """`word` with what the brief says before it, where that is the first that it names: `compact city car`."""
    people = lexicon()["people"]
    for_whom = {*people["man"]["words"], *people["woman"]["words"]}
    named = " ".join(each for each in _phrase(_without_brand(text), lexicon()) if each.casefold() not in for_whom)
    at = f" {named.casefold()} ".find(f" {word} ")
    speaks_of_people = not set(named[:max(0, at)].casefold().split()).isdisjoint(word_lists()["roles"])
    return named[:at + len(word)] if at >= 0 and not speaks_of_people else word


def _without_brand(text: str) -> str:
    return _BY.sub("", _QUOTED.sub("", text))


def _person(words: Sequence[str], phrases: Phrases, subject: Mapping[str, Any]) -> Person:
    """Who is seen: whom the brief names, else whom it speaks to, else whom the lexicon puts with the subject."""
    entries = lexicon()
    people = _first(words, entries["people"])
    usual = entries["people"][people[0] if people is not None else subject["person"]]
    if subject.get("who") == "man" and (people is None or people[0] == "elegant"):
        usual = entries["man"]
    if phrases.person is not None:
        return _named_person(words, phrases, phrases.person, usual)
    group = group_of(phrases.tokens)
    if not group:
        return _plain_person(usual)
    gender = word_lists()["groups"][group.rpartition(" ")[2]]
    usual = entries["people"][gender] if gender else usual
    return replace(_plain_person(usual), character=f"one of {group}, {usual['character']}")


def _plain_person(usual: Mapping[str, Any]) -> Person:
    return Person(**{name: usual[name] for name in Person.__match_args__})


def _named_person(words: Sequence[str], phrases: Phrases, named: Phrase, usual: Mapping[str, Any]) -> Person:
    lists = word_lists()
    role = lists["roles"][named.head]
    gender = role.get("gender") or next(
        (gender for word in words for gender, pronouns in lists["pronouns"].items() if word in pronouns),
        "man" if usual["them"] == "him" else "woman")
    years, plain = _years(phrases, named), [word for word in named.words[:-1] if not _YEARS.fullmatch(word)]
    described = {word.casefold() for word in plain}
    age = _age(int(years)) if years else next(
        (age for age, words in lists["ages"].items() if described & set(words)), role.get("age", "adult"))
    look = lists["looks"][gender][age]
    seen = _as_described(look["character"], years, phrases.features)
    is_said = seen.startswith(f"{named.head} ")  # `woman of 32`
    character = [*plain, seen] if is_said else [f"{' '.join([*plain, named.words[-1]])},", seen]
    companion, their = companion_of(phrases.tokens, named), lists["their"][gender]
    beside = f", {companion} beside {their['them']}" if companion else ""
    return Person(f"the {named.head}", **their, character=" ".join(character) + beside,
                  wardrobe=phrases.wardrobe or role.get("wardrobe", look["wardrobe"]))


def _years(phrases: Phrases, person: Phrase) -> str:
    """How old the person is, as the brief says it: `8`; empty where it does not."""
    behind = years_of(phrases.tokens, person)
    before = next(filter(None, map(_YEARS.fullmatch, person.words)), None)
    return behind.text if behind is not None else before[1] if before is not None else ""


def _age(years: int) -> str:
    """The name of an age in the lists of looks."""
    return next((name for name, least in (("old", 60), ("adult", 26), ("young", 13)) if years >= least), "child")


def _as_described(look: str, years: str, features: Sequence[str]) -> str:
    """A look of the lexicon with what the brief says in its place: the age, and hair, beard or eyes."""
    kinds = word_lists()["features"]
    said = {kind for feature in features for word, kind in kinds.items() if word in feature.casefold().split()}
    person, *parts = look.split(", ")
    left = [part for part in parts if not said & {kinds.get(word) for word in part.casefold().split()}]
    return ", ".join([re.sub(r"\d+", years, person) if years else person, *features, *left])


def _first(words: Sequence[str], entries: Mapping[str, Mapping[str, Any]]) -> tuple[str, str] | None:
    """The entry whose word comes first in the brief, with that word."""
    return next(_all(words, entries), None)


def _all(words: Sequence[str], entries: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The entries whose words stand in the brief, in its order, each with the word."""
    return ((name, word) for name, word, _ in _placed(words, entries))


def _nouns(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The subjects of which the brief speaks, in its order, each with its word: not those that only describe the noun
    behind them (`coffee machine`, `chocolate cake`)."""
    placed = list(_placed(words, lexicon()["subjects"]))
    starts, heads, taken = {at for *_, at in placed}, set(word_lists()["heads after"]), set()
    for name, word, at in placed:
        end = at + len(word.split())
        after = words[end] if end < len(words) else ""
        if after in heads or after.removesuffix("s") in heads:
            taken.add(end)
        elif end not in starts and at not in taken:
            yield name, word


def _placed(words: Sequence[str], entries: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, int]]:
    """As `_all`, each with where it stands. Several words in a row may be one: `hot chocolate`."""
    by_words = {tuple(word.split()): name for name, entry in reversed(list(entries.items())) for word in entry["words"]}
    longest, at = max(map(len, by_words)), 0
    while at < len(words):
        length = next((count for count in range(longest, 0, -1) if tuple(words[at:at + count]) in by_words), 0)
        if length:
            yield by_words[tuple(words[at:at + length])], " ".join(words[at:at + length]), at
        at += length or 1


def _thing(text: str, entries: Mapping[str, Any]) -> str:
    """What the brief names first, with an article: `a hand-thrown vase`."""
    phrase = list(_phrase(text, entries))
    return _counted(" ".join(phrase)) if phrase else "the product"


def _counted(named: str) -> str:
    """With an article, if it is one thing."""
    last = named.rpartition(" ")[2].casefold()
    is_plural = last.endswith("s") and not last.endswith(("ss", "us", "is"))
    return named if is_plural or last in word_lists()["uncounted"] else _with_article(named)


def _with_article(named: str) -> str:
    return f"{'an' if named[0].casefold() in 'aeiou' else 'a'} {named}"


def _phrase(text: str, entries: Mapping[str, Any]) -> Iterator[str]:
    """The words of the thing: up to the first connecting word or stop, without what only says that it is advertised."""
    count, is_title = 0, _is_title(text)
    parts = list(re.finditer(r"[^\W_]+(?:['’-][^\W_]+)*|[^\s\w]+", text))
    for part, after in zip(parts, [*(each[0] for each in parts[1:]), ""], strict=False):
        word = part[0]
        if not word[0].isalnum() or word.casefold() in entries["connectors"]:
            if count:
                return
            continue
        if count and word.endswith("ed") and after.casefold() in entries["connectors"]:
            return
        is_filler = word.casefold() in entries["fillers"] and f"{word} {after}".casefold() not in entries["not fillers"]
        if is_filler or (not count and word.casefold() in word_lists()["imperatives"]):
            continue
        is_name = word[1:].lower() != word[1:] or (part.start() and not is_title)
        yield word if is_name else word.lower()
        count += 1
        if count == _LONGEST_NAME:
            return


def _is_title(text: str) -> bool:
    """Whether it is written like a title: Each Word With a Capital."""
    words = [word for word in _WORD.findall(text) if len(word) > 3]
    return len(words) > 1 and sum(word[0].isupper() for word in words) > len(words) // 2


def _brand(text: str) -> str:
    """The brand that the brief names: what stands in quotation marks, else after `by`; empty where there is none."""
    name = _QUOTED.search(text) or _BY.search(text)
    return name[1].strip() if name else ""
