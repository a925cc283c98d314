"""What a brief says beside its nouns: who is with the person, how many they are, and how the thing looks."""

from __future__ import annotations

from collections.abc import Sequence

from calotype.language.board.phrases import Phrase, word_lists

_MOST = 3
"""Words before a noun that describe it."""
_CONNECTING = ("and", "or", "that", "which", "who")


def companion_of(tokens: Sequence[str], person: Phrase) -> str:
    """Who is named beside the person: `her daughter` of `A mother and her daughter bake`; empty where nobody is."""
    lists, at = word_lists(), person.end
    if at + 2 >= len(tokens) or tokens[at].casefold() not in ("and", "with"):
        return ""
    if tokens[at + 1].casefold() not in lists["determiners"]:
        return ""
    for end in range(at + 2, min(at + 3 + _MOST, len(tokens))):
        if tokens[end].casefold() in lists["companions"] or tokens[end].casefold() in lists["roles"]:
            return " ".join([tokens[at + 1].lower(), *tokens[at + 2:end + 1]])
    return ""


def measured_thing(tokens: Sequence[str], word: str) -> str:
    """The thing that `word` stands for in the measure that the brief says: `a bottle of red wine`; empty where it says
    none."""
    lists = word_lists()
    measures = {*lists["vessels"], *lists["quantities"]}
    for at, token in enumerate(tokens):
        if token.casefold() not in measures or tokens[at + 1:at + 2] != ("of",):
            continue
        start = next((start for start in range(at - 1, max(-1, at - 2 - _MOST), -1)
                      if tokens[start].casefold() in ("a", "an")), None)
        end = next((end for end in range(at + 3, min(at + 4 + _MOST, len(tokens) + 1))
                    if " ".join(tokens[at + 2:end]).casefold().endswith(word)), None)
        if start is not None and end is not None:
            return " ".join([tokens[start].lower(), *tokens[start + 1:end]])
    return ""


def colours_of(tokens: Sequence[str]) -> str:
    """The colours of the thing, where a brief says them alone behind a comma: `black and orange`; else empty."""
    colours = {*word_lists()["colours"], "and"}
    parts = (clause.split() for clause in _clauses(tokens)[1:])
    return next((" ".join(part) for part in parts if part and colours.issuperset(map(str.casefold, part))), "")


def _clauses(tokens: Sequence[str]) -> list[str]:
    return " ".join(token if token[0].isalnum() else "," for token in tokens).split(",")


def group_of(tokens: Sequence[str]) -> str:
    """Several people with whom a brief begins, as many as they are: `two old friends`, `a couple`; empty where it
    begins otherwise."""
    lists = word_lists()
    count = tokens[0].casefold() if tokens else ""
    groups = lists["groups"] if count in lists["numbers"] else lists["one group"] if count in ("a", "an", "the") else ()
    for end in range(1, min(2 + _MOST, len(tokens))):
        word = tokens[end].casefold()
        if word in groups:
            is_noun = end + 1 == len(tokens) or tokens[end + 1].casefold() not in lists["heads after"]
            return " ".join(tokens[:end + 1]).casefold() if is_noun else ""
        if word in lists["prepositions"] or word in _CONNECTING or not word[0].isalnum():
            break
    return ""


def details_of(tokens: Sequence[str]) -> str:
    """How the thing looks where a brief says so behind commas: `a black dial and a green strap`; empty where it does
    not. A detail is one or two words behind the name of a colour or a material."""
    named = [_named(" ".join(part)) for part in map(str.split, _clauses(tokens)[1:]) if _is_detail(part)]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)


def _is_detail(words: Sequence[str]) -> bool:
    lists = word_lists()
    looks = {*lists["colours"], *lists["materials"]}
    others = {*looks, *lists["prepositions"], *lists["after tones"], *lists["of light"], *_CONNECTING}
    return 2 <= len(words) <= _MOST and words[0].casefold() in looks and not others & {
        word.casefold() for word in words[1:]}


def _named(noun: str) -> str:
    return noun if noun.endswith("s") else f"{'an' if noun[0].casefold() in 'aeiou' else 'a'} {noun}"
