"""What must survive an enhancement: subject, counts, left and right, what is to stay away, and phrases word by word.

An enhanced prompt adds to what its author wrote, and takes nothing from it. That can be told without understanding
either text: every word of the author's own line stands in the answer in some form, every kept phrase as it is, no
thing is counted otherwise, and no side is exchanged.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from calotype.language.enhancing.enhancement import LONGEST

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_NEGATED = re.compile(r"(?<![\w-])(?:no|without|never)\s+(?:any\s+)?[^,.;:()\n]+", re.IGNORECASE)
_TALK = re.compile(
    r"ignore (?:all |everything |the |any )*(?:above|previous|prior|preceding|instructions)"
    r"|disregard (?:all|the|any|previous)|system prompt|as an ai\b|language model"
    r"|i(?: am|'m|’m) sorry|i can(?:not|'t|’t)\b|here(?: is|'s|’s) (?:the|your|an?)\b"
    r"|</?[a-z]+[ >/]|```|https?://",
    re.IGNORECASE)
"""An answer that speaks to somebody, or of itself, instead of describing a picture."""
_COUNTS = {word: str(number) for number, words in enumerate((
    ("one", "single"), ("two", "both", "pair", "second"), ("three", "third"), ("four", "fourth"), ("five", "fifth"),
    ("six", "sixth"), ("seven", "seventh"), ("eight", "eighth"), ("nine", "ninth"), ("ten", "tenth")), 1)
    for word in words}
_MORE = frozenset(("several", "many", "multiple", "another", "extra", "additional", "more", "dozens", "various"))
_BODY = frozenset((
    "hand", "arm", "leg", "foot", "finger", "thumb", "head", "face", "eye", "ear", "person", "people", "figure",
    "woman", "women", "man", "men", "child", "children", "girl", "boy"))
_UNITS = frozenset(("mm", "cm", "m", "k", "degrees", "percent", "years", "seconds", "point", "iso"))
_SIDES = frozenset(("left", "right"))
_NOT_SIDES = frozenset(("angle", "away", "now", "behind"))
"""After `right` these make no side of it."""
_SMALL = frozenset((
    "a", "an", "and", "are", "as", "at", "away", "before", "behind", "beside", "beyond", "but", "by", "for",
    "from", "her", "him", "his", "in", "into", "is", "it", "its", "just", "me", "my", "near", "of", "off", "on",
    "onto", "or", "our", "out", "over", "she", "he", "short", "than", "that", "the", "their", "them", "then",
    "there", "they", "this", "those", "to", "towards", "toward", "under", "up", "upon", "very", "was", "were",
    "while", "who", "whose", "with"))
_NEAR = 4
"""Words between a side or a count and the thing that it is said of."""


def violations(prompt: str, shot: str, keep: Iterable[str], answer: str) -> list[str]:
    """What an `answer` breaks of the `prompt` that it was made of, each for people and for whoever is asked again;
    empty where it may be used. `shot` are the author's own words in the prompt."""
    if len(answer) > LONGEST:
        return [f"it has {len(answer)} characters; a prompt has {LONGEST} at most"]
    if not _WORD.search(answer):
        return ["it says nothing"]
    if not answer.isprintable():
        return ["it holds characters that cannot be printed"]
    if speaks(answer):
        return [f"it does not describe a picture: `{speaks(answer)}`"]
    return [*_lost_phrases(prompt, keep, answer), *_lost_words(shot, answer), *_counted(prompt, answer),
            *_exchanged(prompt, answer)]


def speaks(text: str) -> str:
    """Where `text` speaks to somebody, or of itself, the words that show it; else empty."""
    talk = _TALK.search(text)
    return talk[0] if talk is not None else ""


def _lost_phrases(prompt: str, keep: Iterable[str], answer: str) -> Iterator[str]:
    """Kept phrases, part by part, and what the prompt wants to be absent."""
    spoken = _spoken(answer)
    for phrase in keep:
        for part in re.split(r"[,.;]\s", phrase + " "):
            if part.strip() and f" {_spoken(part).strip()} " not in spoken:
                yield f"`{part.strip()}` must stand in it as it is"
    for negated in _NEGATED.finditer(prompt):
        if f" {_spoken(negated[0]).strip()} " not in spoken:
            yield f"`{negated[0].strip()}` must stand in it as it is"


def _spoken(text: str) -> str:
    """The words alone, in small letters, with a space on either side."""
    return f" {' '.join(word.casefold() for word in _WORD.findall(text))} "


def _lost_words(shot: str, answer: str) -> Iterator[str]:
    stems = {stem(word) for word in _WORD.findall(answer)}
    for word in dict.fromkeys(_WORD.findall(shot)):
        if word.casefold() not in _SMALL and stem(word) not in stems:
            yield f"`{word}` is lost"


def stem(word: str) -> str:
    """A word without the endings by which its forms differ: reach, reaches, reaching; mug, mugs."""
    plain = word.casefold().removesuffix("'s").removesuffix("’s")
    for ending in ("ing", "ies", "ed", "es", "s", "e", "y"):
        if plain.endswith(ending) and len(plain) - len(ending) >= 3 and not plain.endswith("ss"):
            plain = plain[: -len(ending)]
            break
    return plain[:-1] if len(plain) > 3 and plain[-1] == plain[-2] else plain


def _counted(prompt: str, answer: str) -> Iterator[str]:
    """Things of the prompt, people and parts of a body of which the answer tells another number than the prompt."""
    things = {stem(word) for word in _WORD.findall(prompt)} | _STEMS_OF_BODY
    before = _numbers(prompt, frozenset(), frozenset())
    after = _numbers(answer, frozenset(before), frozenset(things))
    for thing, counts in after.items():
        strange = sorted(counts - before.get(thing, set()))
        if strange and thing in things and (before.get(thing) or strange != ["1"]):
            yield f"the number of `{thing}` differs: {', '.join(strange)}"
    for thing, counts in before.items():
        if not counts <= after.get(thing, set()):
            yield f"the number of `{thing}` is lost: {', '.join(sorted(counts))}"


def _numbers(text: str, counted: frozenset[str], things: frozenset[str]) -> dict[str, set[str]]:
    """What is counted, by its stem, with the numbers that are said of it; `more` for `another`. `counted` are the stems
    of what is counted elsewhere, `things` those that are known: of the words after a number they are meant first."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for words in _clauses(text):
        for place, word in enumerate(words):
            count = "more" if word in _MORE else _COUNTS.get(word) or (word if word.isdigit() else "")
            if not count or _UNITS.intersection(words[place + 1: place + 2]):
                continue
            noun = _noun_after(words, place, counted, things)
            if noun:
                numbers[noun].add(count)
    return numbers


def _noun_after(words: Sequence[str], place: int, counted: frozenset[str], things: frozenset[str]) -> str:
    """The thing that follows: one that is counted, else the first of a body, else the last word that is known, else the
    last before the phrase ends."""
    phrase: list[str] = []
    for word in words[place + 1: place + 1 + _NEAR]:
        if word in _SMALL or word in _COUNTS or word.isdigit():
            if phrase or word in ("for", "to", "by", "in", "on", "at"):
                break
            continue
        phrase.append(stem(word))
    for known_stems in (counted, _STEMS_OF_BODY):
        noun = next((each for each in phrase if each in known_stems), None)
        if noun is not None:
            return noun
    return next((each for each in reversed(phrase) if each in things), phrase[-1] if phrase else "")


_STEMS_OF_BODY = frozenset(map(stem, _BODY))


def _exchanged(prompt: str, answer: str) -> Iterator[str]:
    before, after = _sides(prompt), _sides(answer)
    for thing, sides in before.items():
        if after.get(thing, set()) != sides:
            yield f"`{thing}` is {' and '.join(sorted(sides))} in the prompt, and must be so in the answer, there alone"


def _sides(text: str) -> dict[str, set[str]]:
    """What is said to be left or right, by its stem: `left hand`, `the mug on the left`."""
    sides: dict[str, set[str]] = defaultdict(set)
    for words in _clauses(text):
        for place, word in enumerate(words):
            if word not in _SIDES or _NOT_SIDES.intersection(words[place + 1: place + 2]):
                continue
            following = words[place + 1] if place + 1 < len(words) else ""
            if following and following not in _SMALL and not following.isdigit():
                sides[stem(following)].add(word)
                continue
            earlier = [other for other in words[max(0, place - _NEAR): place] if other not in _SMALL | _SIDES]
            if earlier:
                sides[stem(earlier[-1])].add(word)
    return sides


def _clauses(text: str) -> Iterator[list[str]]:
    """The words of each stretch of text between stops, in small letters."""
    for clause in re.split(r"[,.;:()\n](?=\s|$)|\s[–—-]\s", text):
        words = [word.casefold() for word in _WORD.findall(clause)]
        if words:
            yield words
