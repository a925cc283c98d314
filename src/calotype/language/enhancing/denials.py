"""What an answer says is not there, or not done: nothing of what the prompt shows may be denied.

What is denied is told by its words: the noun that a `no` or `without` governs, the verb after a `not`,
    the thing that is
`missing` or `removed`. `no harsh shadows on the mug` denies shadows, `no sign of the mug` the mug.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from calotype.language.enhancing.newcomers import ONE_PERSON, PEOPLE, has_people
from calotype.language.enhancing.stems import DETERMINERS, SMALL, hyphened_clauses, is_of_body, spoken, stem, stems_in

_NO = frozenset((
    "no", "without", "lacks", "lacking", "minus", "sans", "neither", "nor"))
_NOT = frozenset((
    "not", "never", "cannot"))
_INSTEAD = frozenset((
    "instead", "devoid", "free", "place", "rather"))
"""What goes on with `of`, `than`: `instead of the mug`, `in place of the mug`, `devoid of people`."""
_GONE = frozenset(map(stem, (
    "removed", "missing", "absent", "gone", "vanished", "vanishes", "disappears", "erased", "omitted", "excluded",
    "invisible", "nowhere", "deleted", "replaced", "discarded", "eliminated")))
_OUT = re.compile(
    r"\b(?:out of|outside|beyond) (?:the )?(?:frame|shot|picture|view|sight)\b|\boff-?(?:screen|frame|camera)\b")
_HARMLESS = frozenset((
    "extra", "other", "second", "third", "additional", "distorted", "deformed", "malformed", "blurred", "blurry",
    "stray", "harsh", "distracting", "unwanted", "awkward", "else", "competing", "exaggerated", "stiff", "forced",
    "unnatural", "excess", "excessive", "overly", "unnecessary"))
"""Beside these a denial is of something that is not wanted: `no extra fingers`."""
_TRAILING = frozenset((
    "visible", "present", "shown", "seen", "anywhere", "here", "whatsoever", "left", "appears", "appear", "exists",
    "exist", "stands", "remains", "around", "also", "either", "yet", "now"))
_SIGNS = frozenset((
    "sign", "signs", "trace", "traces", "part", "parts", "sight", "presence", "evidence", "glimpse", "hint", "kind"))
_ROUND = frozenset((
    "background", "behind", "around", "nearby", "else", "distance", "other"))
"""Beside these `no people` speaks of others."""
_SEEN = frozenset((
    "visible", "present", "shown", "seen", "there", "here", "frame", "picture", "sight", "scene", "included",
    "pictured", "depicted", "anymore", "image", "shot", "view", "part"))
_ADVERBS = frozenset((
    "yet", "ever", "even", "really", "fully", "quite", "actually", "longer", "only", "be", "been", "being", "has",
    "have", "had", "completely", "entirely", "now", "all", "also", "simply", "to", "does", "do", "will", "can"))
_LOOK = frozenset(map(stem, (
    "light", "lighting", "shadow", "background", "foreground", "frame", "camera", "shot", "line", "detail", "focus",
    "image", "picture", "photograph", "text", "angle", "lens", "space", "surface", "tone", "colour", "color", "edge",
    "view", "wide", "close", "medium", "up", "soft", "warm", "cool", "clean", "dark", "bright", "visible", "motion",
    "texture")))
"""Words of camera and light, of which anything may be said."""
_ABROAD = frozenset((
    "kein", "keine", "keinen", "keiner", "ohne", "nicht", "niemals", "aucun", "aucune", "jamais", "sans", "ninguna",
    "ningún", "nunca", "nessun", "nessuna", "senza", "geen", "niet", "zonder", "nenhum", "nenhuma", "sem"))
"""Denials in other languages than English."""
_IDIOMS = re.compile(
    r"\b(?:no|not a) (?:single )?(?:hair|strand) out of place\b|\bno matter\b|\bnot only\b|\bno more than\b",
    re.IGNORECASE)
_STOP = ""
"""Ends a clause."""
_POINTS = frozenset((
    "focus", "focused", "light", "sharp", "attention", "emphasis", "eye"))


def denied(prompt: str, shot: str, keep: Iterable[str], answer: str) -> Iterator[str]:
    """What of the `prompt` the `answer` denies. What the prompt denies itself may be denied."""
    denials = _Denials(prompt, shot, keep)
    said, own = spoken(prompt), set(denials.of(prompt))
    for phrase in denials.of(answer):
        if phrase not in own and spoken(phrase) not in said:
            yield f"it denies what the prompt shows: `{phrase}`"


def returned(prompt: str, answer: str) -> Iterator[str]:
    """What the `prompt` wants to be absent and the `answer` shows, in a sentence that denies nothing before it."""
    absent = _absent_nouns(prompt)
    for sentence in re.split(r"[.;!?](?=\s|$)", answer):
        words = [word for clause in hyphened_clauses(sentence) for word in clause]
        denies = next((place for place, word in enumerate(words) if word in _NO | _INSTEAD | _NOT), len(words))
        yield from (f"`{word}` is to be absent" for word in words[:denies] if stem(word) in absent)


def _absent_nouns(prompt: str) -> set[str]:
    """Stems of what a `no` or `without` of the prompt is said of and no other word of it speaks of."""
    absent, stems = set[str](), list[str]()
    for words in hyphened_clauses(prompt):
        stems += map(stem, words)
        absent |= {stem(words[place + 1]) for place, word in enumerate(words[:-1]) if word in ("no", "without")}
    return {each for each in absent if stems.count(each) == 1} - {stem(word) for word in SMALL}


class _Denials:
    def __init__(self, prompt: str, shot: str, keep: Iterable[str]) -> None:
        self._shot = stems_in(shot) - _LOOK
        self._known = self._shot | (stems_in(" ".join(keep)) - _LOOK)
        self._peopled = has_people(prompt)
        self._absent = [words[place + 1: place + 2] for words in hyphened_clauses(prompt)
                        for place, word in enumerate(words[:-1]) if word in _NO]
        """What each `no` and `without` of the prompt is said of."""

    def of(self, text: str) -> Iterator[str]:
        """The words of each denial of a text."""
        for words in hyphened_clauses(_IDIOMS.sub(" ", text)):
            yield from (" ".join(phrase) for phrase in self._of_clause(words))

    def _of_clause(self, words: Sequence[str]) -> Iterator[Sequence[str]]:
        text = " ".join(words)
        for place, word in enumerate(words):
            rest = words[place + 1:]
            if word in _ABROAD:
                yield words[place: place + 3]
            elif word in _NOT or word.endswith("n't") or (word == "no" and rest[:1] == ["longer"]):
                yield from self._undone(words, place)
            elif self._is_nobody(words, place):
                yield words[place: place + 2]
            elif word in _NO or self._is_instead(words, place):
                yield from self._lacking(words, place)
            elif stem(word) in _GONE or word in ("exclude", "remove", "omit"):
                yield from self._gone(words, place)
            elif word == "empty-handed" or (word == "empty" and any(each in ("hand", "hands") for each in rest[:2])):
                yield words[place: place + 3]
            elif word in ("empty", "deserted", "unoccupied") and self._peopled and any(
                    each in ("scene", "frame", "picture", "image") for each in rest[:1]):
                yield words[place: place + 2]
            elif word.endswith("less") and (stem(word[:-4].removesuffix("-")) in self._shot or is_of_body(word[:-4])):
                yield [word]
        out = _OUT.search(text)
        subject = self._subject(text[:out.start()].split()) if out is not None else ""
        if out is not None and (stem(subject) in self._shot or subject in PEOPLE):
            yield [subject, *out[0].split()]

    def _is_nobody(self, words: Sequence[str], place: int) -> bool:
        word, rest = words[place], words[place + 1:]
        if word == "no" and rest[:1] == ["one"]:
            rest = rest[1:]
        elif word not in ("nobody", "no-one", "none") and not (word == "nothing" and self._grasps(words, place)):
            return False
        others = rest[:1] == ["else"] or (rest and rest[0].endswith("ing") and stem(rest[0]) not in self._shot)
        return self._peopled and not others

    @staticmethod
    def _is_instead(words: Sequence[str], place: int) -> bool:
        word, following = words[place], words[place + 1: place + 2]
        if word == "rather":
            return following == ["than"] and not _POINTS.intersection(words)
        return word in _INSTEAD and following == ["of"] and (word != "place" or words[place - 1: place] == ["in"])

    def _names(self, word: str) -> bool:
        """Whether a word names something that the prompt shows, or somebody of it, or a part of a body."""
        return stem(word) in self._known or (self._peopled and (is_of_body(word) or word in ONE_PERSON))

    def _lacking(self, words: Sequence[str], place: int) -> Iterator[Sequence[str]]:
        """Of `no X`, `without X or Y`, `without doing`."""
        start = place + 1 + (words[place] in _INSTEAD)
        if start < len(words) and words[start].endswith("ing") and words[place] == "without":
            if stem(words[start]) in self._shot:
                yield words[place: start + 1]
            return
        phrase: list[str] = []
        for end, word in enumerate([*words[start:], _STOP], start):
            if word in DETERMINERS or word in ("one", "single") or (
                    word == "of" and (not phrase or phrase[-1] in _SIGNS)):
                continue
            goes_on = word in ("or", "nor") or (word == "and" and not SMALL.intersection(words[end + 1: end + 2]))
            if not goes_on and word not in SMALL and word != _STOP:
                phrase.append(word)
                continue
            of_others = phrase[:1] == ["people"] and _ROUND.intersection(words[end: end + 4])
            if self._heads(phrase) and not of_others:
                yield words[place: end]
            if not goes_on:
                return
            phrase = []

    def _heads(self, phrase: Sequence[str]) -> bool:
        """Whether the noun that a phrase ends with is one that is shown."""
        if _HARMLESS.intersection(phrase) or phrase[:1] in self._absent:
            return False
        for word in reversed(phrase):
            if self._names(word):
                return True
            if word not in _TRAILING and not (len(word) > 5 and word.endswith(("ing", "ed"))):
                return False
        return False

    def _undone(self, words: Sequence[str], place: int) -> Iterator[Sequence[str]]:
        """Of `never reaches`, `not the mug`, and `the mug is not there`."""
        content = next((each for each, word in enumerate(words[place + 1:], place + 1)
                        if word not in SMALL and word not in _ADVERBS), None)
        if content is None or words[content] in _SEEN:
            subject = self._subject(words[:place])
            if subject:
                yield [subject, *words[place: len(words) if content is None else content + 1]]
        elif stem(words[content]) in self._shot or is_of_body(words[content]):
            yield words[place: content + 1]

    def _subject(self, words: Sequence[str]) -> str:
        """The last word before that names something, before it only small words."""
        for word in reversed(words):
            if word not in SMALL and word not in _ADVERBS:
                return word if self._names(word) else ""
        return ""

    def _gone(self, words: Sequence[str], place: int) -> Iterator[Sequence[str]]:
        """Of `the mug is missing`, `mug removed`, and `remove the mug`."""
        subject = self._subject(words[:place])
        if subject:
            yield [subject, words[place]]
            return
        phrase: list[str] = []
        for word in words[place + 1:]:
            if word in SMALL and word not in DETERMINERS:
                break
            phrase += [word] if word not in DETERMINERS else []
        if self._heads(phrase):
            yield [words[place], *phrase]

    def _grasps(self, words: Sequence[str], place: int) -> bool:
        """Whether a `nothing` says that hands are empty or that nothing is there: `reaches for nothing`."""
        before, after = words[place - 1] if place else "", words[place + 1: place + 2]
        return before in ("for", "with", "at", "from", "into", "of") or stem(before) in self._shot or stem(before) in (
            "hold", "carr", "grasp", "present", "touch") or after in (["in"], ["is"], ["there"])
