"""The words of a handout that are no exercise's: English ones, and those that a project gives for another language.

A file of them is YAML: every key of `ENGLISH`, and any of `direction`, `mirror`, `texts`. Must not know where it lies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from calotype.ground.diagnostics import Diagnostic, Problem, did_you_mean
from calotype.ground.light_dataclass import dataclass, field
from calotype.language.instructions import TERMS, UNIT_WORDS
from calotype.language.yaml.document import Document

ENGLISH: Mapping[str, str] = {
    "title": "Your exercises", "clinic": "Clinic", "patient": "Patient", "date": "Date", **TERMS, **UNIT_WORDS,
    "equipment": "Equipment", "precautions": "Please note",
}
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
"""A language as HTML names it: `sl`, `pt-BR`."""
DIRECTIONS = ("ltr", "rtl")
LONGEST = {"texts": 10_000, "mirror": 100}
LONGEST_LABEL = 100
"""Letters of a label; of the values of `texts` and `mirror`, see `LONGEST`."""


@dataclass(frozen=True, slots=True)
class Strings:
    """`words` has every key of `ENGLISH`. `mirror` are words to be exchanged, both ways, for the other side; `texts`
    what a text of an exercise is in this language; `file` is where all this stands, empty for what is built in."""

    language: str = "en"
    words: Mapping[str, str] = field(default_factory=lambda: ENGLISH)
    direction: str = "ltr"
    mirror: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    file: str = ""

    @property
    def is_english(self) -> bool:
        return self.language.partition("-")[0] == "en"


def strings_from(document: Document, language: str) -> Strings:
    """Raises Problem, with the places, for a key that is none, a value that is no text, a string that is missing: only
    a kind of English may leave some out."""
    data = document.data
    faults = [*_faults(document), *_ambiguous(document)]
    missing = [name for name in ENGLISH if name not in data]
    if missing and language.partition("-")[0] != "en":
        shown = ", ".join(f"`{name}` ({ENGLISH[name]})" for name in missing)
        faults.append(document.error("missing-string", f"lacks {shown}", (), hint="every one is on the page"))
    if faults:
        raise Problem(faults)
    words = {name: data.get(name, english) for name, english in ENGLISH.items()}
    texts = {" ".join(text.split()): said for text, said in data.get("texts", {}).items()}
    return Strings(language, words, data.get("direction", "ltr"), data.get("mirror", {}), texts, document.file)


def _faults(document: Document) -> Iterator[Diagnostic]:
    for name, value in document.data.items():
        if name in LONGEST:
            yield from _of_mapping(document, name, value)
        elif name == "direction":
            if value not in DIRECTIONS:
                yield document.error("bad-value", f"`{name}` is ltr or rtl", (name,))
        elif name in ENGLISH:
            yield from _of_text(document, (name,), value, LONGEST_LABEL)
        else:
            names = [*ENGLISH, *LONGEST, "direction"]
            hint = did_you_mean(name, names) or f"strings are {', '.join(names)}"
            yield document.error("unknown-key", f"unknown string `{name}`", (name,), key=True, hint=hint)


def _of_mapping(document: Document, name: str, value: Any) -> Iterator[Diagnostic]:
    if not isinstance(value, Mapping) or not value:
        hint = "`levo: desno`" if name == "mirror" else "`Chin tuck: Poteg brade`"
        yield document.error("wrong-type", f"`{name}` wants a mapping of texts", (name,), hint=hint)
        return
    for key, text in value.items():
        if not key.strip():
            yield document.error("bad-value", f"a key of `{name}` is empty", (name, key), key=True)
        yield from _of_text(document, (name, key), text, LONGEST[name])


def _of_text(document: Document, pointer: tuple[str, ...], value: Any, most: int) -> Iterator[Diagnostic]:
    if not isinstance(value, str) or not value.strip():
        yield document.error("wrong-type", f"`{pointer[-1]}` wants a text", pointer)
    elif len(value) > most:
        message = f"`{pointer[-1]}` has {len(value):,} letters; {most:,} may stand here"
        yield document.error("out-of-range", message, pointer)


def _ambiguous(document: Document) -> Iterator[Diagnostic]:
    """Words of `mirror` that stand in two pairs: nothing tells which is theirs."""
    pairs, seen = document.data.get("mirror"), set[str]()
    for word, other in pairs.items() if isinstance(pairs, Mapping) else ():
        pair = {part.lower() for part in (word, other) if isinstance(part, str)}
        if pair & seen:
            message = f"`{word}` or `{other}` stands in another pair already"
            yield document.error("twice", message, ("mirror", word), key=True)
        seen |= pair


def known(files: Iterable[str]) -> list[str]:
    """The languages that there are strings of."""
    return sorted({"en", *(name for name in files if LANGUAGE.fullmatch(name))})
