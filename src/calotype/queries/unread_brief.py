"""The words of a brief that stand in no shot of the board that was made of it. A lexicon passes over what it does not
know, and a language model over what it likes: whoever wrote the brief is told. Must not write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from calotype.language.board.brief import lexicon
from calotype.language.board.phrases import word_lists
from calotype.language.enhancing.stems import stem
from calotype.language.yaml.document import parse

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SHOW_NOTHING = frozenset((
    "always", "any", "as", "be", "best", "better", "but", "can", "do", "does", "ever", "every", "everything", "feel",
    "get", "gets", "good", "great", "has", "have", "how", "i", "if", "it", "its", "just", "keep", "keeps", "let",
    "like", "luxury", "make", "makes", "me", "more", "most", "never", "no", "not", "only", "or", "out", "perfect",
    "right", "so", "start", "starts", "than", "them", "then", "they", "too", "us", "very", "we", "what", "will", "you"))
"""Words that advertise, and show nothing."""


def unread_words(brief: str, spec: str) -> tuple[str, ...]:
    """Those of `brief` of which no form stands in a marker or a prompt of the scene whose text is `spec`, in their
    order. Words that only connect or advertise are none of them, nor are those that the lexicon says in other words."""
    told = " ".join(_told(spec))
    stems, small = {stem(word) for word in _WORD.findall(told)}, told.casefold()
    unread: dict[str, str] = {}
    for word in _WORD.findall(brief):
        plain = re.sub(r"^(\d+)-years?-old$", r"\1", word.casefold())
        if plain not in _passed_over() and stem(plain) not in stems and not _is_said_otherwise(plain, small):
            unread.setdefault(plain, word)
    return tuple(unread.values())


def _told(spec: str) -> Iterator[str]:
    data = parse(spec.encode(), "scene").data
    yield from map(str, data.get("markers", {}).values())
    yield from (str(shot.get("prompt", "")) for shot in data.get("shots", ()))


def _is_said_otherwise(word: str, told: str) -> bool:
    """Whether the lexicon has other words for it, and these stand there: `at first light` for `morning`."""
    words = lexicon()
    phrases = [mood["place"] for mood in words["moods"].values() if word in mood["words"]]
    for subject in words["subjects"].values():
        if word in subject["words"]:
            phrases += [*filter(None, [subject.get("object")]), *subject.get("objects", {}).values()]
    return any(phrase in told for phrase in phrases)


@cache
def _passed_over() -> frozenset[str]:
    words, lists = lexicon(), word_lists()
    pronouns = (word for of_gender in lists["pronouns"].values() for word in of_gender)
    return _SHOW_NOTHING.union(
        words["connectors"], words["fillers"], lists["determiners"], lists["prepositions"], pronouns)
