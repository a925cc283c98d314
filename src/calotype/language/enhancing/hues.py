"""The colours of things: what the prompt says has a colour has no other in an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calotype.language.enhancing.stems import DETERMINERS, SMALL, clauses, stem

_SHADES = (
    "black", "white", "red crimson scarlet", "blue navy indigo cobalt azure", "green emerald olive sage celadon",
    "yellow",
    "orange", "purple violet", "pink", "brown chestnut auburn", "grey gray charcoal", "beige cream ivory",
    "teal turquoise", "blonde blond", "burgundy maroon")
_HUES = {word: shades.split()[0] for shades in _SHADES for word in shades.split()}
"""Words for colours; those of one shade count as one."""
_IS = frozenset(("is", "are", "was", "were", "turns", "turned", "becomes", "painted", "coloured", "colored"))
_JOIN = frozenset(("and", "or"))


def recoloured(prompt: str, answer: str) -> Iterator[str]:
    """Things that have a colour in the prompt, and another one in the answer."""
    before, after = _hues_in(prompt), _hues_in(answer)
    for thing, hues in before.items():
        strange = after.get(thing, set()) - hues
        if strange:
            yield f"`{thing}` is {' and '.join(sorted(hues))} in the prompt, not {' or '.join(sorted(strange))}"


def _hues_in(text: str) -> dict[str, set[str]]:
    """Stems of things with the colours that are said of them: `a white ceramic mug`, `the mug is white`."""
    hues: dict[str, set[str]] = defaultdict(set)
    for words in clauses(text):
        phrase: list[str] = []
        for place, word in enumerate(words):
            if word not in SMALL and word not in DETERMINERS and word not in _IS:
                phrase.append(word)
                continue
            _of_phrase(phrase, hues)
            if word in _IS and phrase:
                hue = next((_HUES[each] for each in words[place + 1: place + 3] if each in _HUES), None)
                ends = place + 3 >= len(words) or words[place + 3] in SMALL
                if hue is not None and (ends or words[place + 1] in _HUES):
                    hues[stem(phrase[-1])].add(hue)
            if word not in _JOIN or not phrase or phrase[-1] not in _HUES:
                phrase = []
        _of_phrase(phrase, hues)
    return hues


def _of_phrase(phrase: list[str], hues: dict[str, set[str]]) -> None:
    """Of the words between two small ones a colour is said of each that follows it (which is the noun nobody can tell),
    up to the next colour or a verb: `a green cardigan makes tea`."""
    hue: set[str] = set()
    since = 0
    for word in phrase:
        if word in _HUES:
            hue = hue | {_HUES[word]} if hue and not since else {_HUES[word]}
            since = 0
        elif hue:
            if since and word.endswith(("s", "ing", "ed")) and not word.endswith("ss"):
                hue = set()
                continue
            hues[stem(word)] |= hue
            since += 1
