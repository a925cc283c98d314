"""Numbers of things, and what is left or right: neither may differ between a prompt and an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from calotype.language.enhancing.newcomers import PEOPLE
from calotype.language.enhancing.stems import SMALL, STEMS_OF_BODY, WORD, clauses, stem

_COUNTS = {word: str(number) for number, words in enumerate((
    ("one", "single"), ("two", "both", "pair", "second"), ("three", "third"), ("four", "fourth"), ("five", "fifth"),
    ("six", "sixth"), ("seven", "seventh"), ("eight", "eighth"), ("nine", "ninth"), ("ten", "tenth")), 1)
    for word in words}
_MORE = frozenset(("several", "many", "multiple", "another", "extra", "additional", "more", "dozens", "various"))
_UNITS = frozenset(("mm", "cm", "m", "k", "degrees", "percent", "year", "years", "seconds", "point", "iso"))
_PAIRS = {stem(part): frozenset(("2", *more)) for part, *more in (
    ("eye",), ("ear",), ("hand",), ("arm",), ("leg",), ("foot",), ("feet",), ("knee",), ("elbow",), ("shoulder",),
    ("thumb",), ("finger", "5", "10"))}
"""Parts of which a body has so many: that number adds nothing, unless the prompt speaks of one of them."""
_SIDES = frozenset(("left", "right"))
_NOT_SIDES = frozenset(("angle", "away", "now", "behind"))
"""After `right` these make no side of it."""
_ZONES = frozenset(("side", "third", "half", "edge", "corner", "part", "foreground", "background"))
"""After a side they say where something is: `the plant on the right side`."""
_NEAR = 4
"""Words between a side or a count and the thing that it is said of."""


def counted(prompt: str, answer: str) -> Iterator[str]:
    """Things of the prompt, people and parts of a body of which the answer tells another number than the prompt."""
    things = {stem(word) for word in WORD.findall(prompt)} | STEMS_OF_BODY
    before = _numbers(prompt, frozenset(), frozenset())
    after = _numbers(answer, frozenset(before), frozenset(things))
    spoken_of = {word.casefold() for word in WORD.findall(prompt)}
    for thing, counts in after.items():
        natural = _PAIRS.get(thing, frozenset()) if not spoken_of & {thing, "foot", "eye"} else frozenset()
        strange = sorted(counts - before.get(thing, set()) - natural)
        if strange and thing in things and (before.get(thing) or strange != ["1"]):
            yield f"the number of `{thing}` differs: {', '.join(strange)}"
    for thing, counts in before.items():
        if not counts <= after.get(thing, set()):
            yield f"the number of `{thing}` is lost: {', '.join(sorted(counts))}"


def _numbers(text: str, numbered: frozenset[str], things: frozenset[str]) -> dict[str, set[str]]:
    """What is counted, by its stem, with the numbers that are said of it; `more` for `another`. `numbered` are the
    stems of what is counted elsewhere, `things` those that are known: of the words after a number they are meant
    first."""
    numbers: dict[str, set[str]] = defaultdict(set)
    for words in clauses(text):
        for place, word in enumerate(words):
            count = "more" if word in _MORE else _COUNTS.get(word) or (word if word.isdigit() else "")
            if not count or _UNITS.intersection(words[place + 1: place + 2]):
                continue
            if place > 1 and words[place - 1] in ("of", "aged") and words[place - 2] in PEOPLE:
                continue  # an age
            if count in ("more", "2") and words[place - 1: place] in (["no"], ["without"]):
                continue
            noun = _noun_after(words, place, numbered, things)
            if noun:
                numbers[noun].add(count)
    return numbers


def _noun_after(words: Sequence[str], place: int, numbered: frozenset[str], things: frozenset[str]) -> str:
    """The thing that follows: one that is counted, else the first of a body, else the first that is said in the plural,
    else the last word that is known, else the last before the phrase ends."""
    following: list[str] = []
    for word in words[place + 1: place + 1 + _NEAR]:
        if word in SMALL or word in _COUNTS or word.isdigit():
            if following or word in ("for", "to", "by", "in", "on", "at"):
                break
            continue
        following.append(word)
    phrase = [stem(word) for word in following]
    for known_stems in (numbered, STEMS_OF_BODY):
        noun = next((each for each in phrase if each in known_stems), None)
        if noun is not None:
            return noun
    if words[place] not in ("one", "single", "1", "second", "third", "both", "another"):
        several = next((word for word in following if word.endswith("s") and not word.endswith("ss")), None)
        if several is not None:
            return stem(several)
    return next((each for each in reversed(phrase) if each in things), phrase[-1] if phrase else "")


def exchanged(prompt: str, answer: str) -> Iterator[str]:
    """Things whose side the answer exchanges, loses, or adds to."""
    before, after = _sides(prompt), _sides(answer)
    for thing, sides in before.items():
        if after.get(thing, set()) != sides:
            yield f"`{thing}` is {' and '.join(sorted(sides))} in the prompt, and must be so in the answer, there alone"


def _sides(text: str) -> dict[str, set[str]]:
    """What is said to be left or right, by its stem: `left hand`, `the mug on the left`."""
    sides: dict[str, set[str]] = defaultdict(set)
    for words in clauses(text):
        for place, word in enumerate(words):
            if word not in _SIDES or _NOT_SIDES.intersection(words[place + 1: place + 2]):
                continue
            following = words[place + 1] if place + 1 < len(words) else ""
            if following and following not in SMALL | _ZONES and not following.isdigit():
                sides[stem(following)].add(word)
                continue
            earlier = [other for other in words[max(0, place - _NEAR): place] if other not in SMALL | _SIDES]
            if earlier:
                sides[stem(earlier[-1])].add(word)
    return sides
