"""What must survive an enhancement: subject, people, counts, colours, left and right, what is to stay away, and phrases
word by word.

An enhanced prompt adds to what its author wrote, and takes nothing from it. That can be told without understanding
either text: every word of the author's own line stands in the answer in some form, every kept phrase as it is, nothing
of either is denied, no thing is counted or coloured otherwise, nobody comes in, and no side is exchanged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from calotype.language.enhancing.counts_and_sides import counted, exchanged
from calotype.language.enhancing.denials import denied, returned
from calotype.language.enhancing.enhancement import LONGEST
from calotype.language.enhancing.hues import recoloured
from calotype.language.enhancing.newcomers import newcomers
from calotype.language.enhancing.stems import SMALL, WORD, spoken, stem

_NEGATED = re.compile(r"(?<![\w-])(?:no|without|never)\s+(?:any\s+)?[^,.;:()\n]+", re.IGNORECASE)
_TALK = re.compile(
    r"(?:ignore|forget|override|disregard) (?:[\w']+ ){0,4}"
    r"(?:above|previous|prior|preceding|earlier|instructions?|rules?)\b"
    r"|(?:forget|disregard) (?:everything|all|any)\b|system prompt|new instructions?\b|\bas an ai\b|language model"
    r"|\byou (?:are now|must|should|will|can now)\b|\bi(?: am|'m|’m) (?:sorry|unable)|\bi can(?:not|'t|’t)\b"
    r"|\bhere(?: is|'s|’s) (?:the|your|an?)\b|^(?:sure|certainly|of course|okay|ok|absolutely)[,!]"
    r"|\bas (?:you )?requested\b|hope this helps|\b(?:let me|i have|i've|i’ve|i will|i'll|i’ll|i added|i kept)\b"
    r"|\bplease (?:note|find|let|provide|ignore|follow)\b|\b(?:system|assistant|user|note) ?:"
    r"|\[/?(?:inst|sys)\]|<\||</?[a-z]+[ >/]|```|https?://",
    re.IGNORECASE)
"""An answer that speaks to somebody, or of itself, instead of describing a picture."""


def violations(prompt: str, shot: str, keep: Iterable[str], answer: str) -> list[str]:
    """What an `answer` breaks of the `prompt` that it was made of, each for people and for whoever is asked again;
    empty where it may be used. `shot` are the author's own words in the prompt."""
    if len(answer) > LONGEST:
        return [f"it has {len(answer)} characters; a prompt has {LONGEST} at most"]
    if not WORD.search(answer):
        return ["it says nothing"]
    if not answer.isprintable():
        return ["it holds characters that cannot be printed"]
    if speaks(answer) and speaks(answer).casefold() not in prompt.casefold():
        return [f"it does not describe a picture: `{speaks(answer)}`"]
    phrases = list(keep)
    return [
        *_lost_phrases(prompt, phrases, answer), *_lost_words(shot, answer), *denied(prompt, shot, phrases, answer),
        *returned(prompt, answer), *newcomers(prompt, phrases, answer), *counted(prompt, answer),
        *exchanged(prompt, answer), *recoloured(prompt, answer), *_strange_scripts(prompt, answer)]


def speaks(text: str) -> str:
    """Where `text` speaks to somebody, or of itself, the words that show it; else empty."""
    talk = _TALK.search(text)
    return talk[0] if talk is not None else ""


def _lost_phrases(prompt: str, keep: Iterable[str], answer: str) -> Iterator[str]:
    """Kept phrases, part by part, and what the prompt wants to be absent."""
    words = spoken(answer)
    for phrase in keep:
        for part in re.split(r"[,.;]\s", phrase + " "):
            if part.strip() and f" {spoken(part).strip()} " not in words:
                yield f"`{part.strip()}` must stand in it as it is"
    for negated in _NEGATED.finditer(prompt):
        if f" {spoken(negated[0]).strip()} " not in words:
            yield f"`{negated[0].strip()}` must stand in it as it is"


def _lost_words(shot: str, answer: str) -> Iterator[str]:
    stems = {stem(word) for word in WORD.findall(answer)}
    for word in dict.fromkeys(WORD.findall(shot)):
        if word.casefold() not in SMALL and stem(word) not in stems:
            yield f"`{word}` is lost"


def _strange_scripts(prompt: str, answer: str) -> Iterator[str]:
    """Writing that is neither Latin nor that of the prompt."""
    strange = sorted(_scripts(answer) - _scripts(prompt) - {"LATIN", "GREEK", "MICRO", "FEMININE", "MASCULINE"})
    if strange:
        yield f"it is partly written in {', '.join(strange).casefold()} letters, and the prompt is not"


def _scripts(text: str) -> set[str]:
    letters = (letter for letter in text if letter.isalpha() and not letter.isascii())
    return {unicodedata.name(letter, "UNKNOWN").split()[0] for letter in letters}
