"""The rule about alt text: it must tell what the picture shows. Must not write any alt text itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calotype.language.lint.subject import Remark, Subject

_WORD = re.compile(r"[^\W_]+")
_EMPTY = frozenset(_WORD.findall(
    "a an the of image images picture photo photograph illustration figure drawing diagram graphic exercise step shot "
    "todo tbd alt text"
))


def missing(subject: Subject) -> Iterator[Remark]:
    """An alt text that says nothing, or one written from a pose that nobody gave for a picture made from words."""
    image, part = subject.image, subject.part
    if part.alt:
        if _says_nothing(part.alt, subject):
            yield Remark("alt-missing", f"the alt text `{part.alt}` does not tell what the picture shows",
                         (*part.pointer, "alt"), "say in a sentence what one would see, or leave it out")
    elif subject.reads_prompt and not subject.posed:
        yield Remark(
            "alt-missing", f"there is no alt text and no pose to write one from: it would be `{image.alt}`",
            part.pointer, "write `alt`: what one would see, in a sentence; or give the `pose`",
        )


def _says_nothing(alt: str, subject: Subject) -> bool:
    words = set(_WORD.findall(alt.lower()))
    names = f"{subject.part.id} {subject.part.title} {subject.spec.id} {subject.spec.title}".lower()
    return words <= {*_EMPTY, *_WORD.findall(names)} or bool(re.search(r"\.(png|jpe?g|webp)$", alt))
