"""The rule about muscles and joints shown: a name that no drawing knows. Must not know where any lies."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence

from calotype.language.lint.subject import Remark, Subject
from calotype.language.pose.shown import JOINTS, MUSCLE_SYNONYMS, MUSCLES, is_joint, is_muscle

CODE = "unknown-anatomy"
_NEAR = {"muscle": 0.75, "joint": 0.65}
"""How alike a misspelt name and what is meant are, as difflib measures it; names of joints are short."""
_BESIDE = re.compile(r"\b(?:left|right|muscles?|joints?|the)\b")
_WHOLE = {"metatars": "metatarsophalangeal", "scapul": "scapula", "transvers": "transversus abdominis"}
"""Stems in the words that an author writes."""


def unknown(subject: Subject) -> Iterator[Remark]:
    """A name that a drawing shows nothing for. A renderer that reads the prompt may know it as a word: then only
    where it looks misspelt is it told."""
    part = subject.part
    for field, noun, names, knows, texts in (
        ("muscles_shown", "muscle", (*MUSCLES, *MUSCLE_SYNONYMS), is_muscle, part.muscles_shown),
        ("joints_shown", "joint", JOINTS, is_joint, part.joints_shown),
    ):
        for index, text in enumerate(texts):
            near = "" if knows(text) else _near(text, names, _NEAR[noun])
            if not knows(text) and (near or not subject.reads_prompt):
                yield Remark(CODE, f"`{text}` is no {noun} that a drawing can show", (*part.pointer, field, index),
                             f"did you mean `{near}`?" if near else "docs/lint.md lists the names")


def _near(text: str, names: Sequence[str], alike: float) -> str:
    word = " ".join(_BESIDE.sub(" ", text.lower()).split())
    whole = [_WHOLE.get(name, name) for name in names]
    return next(iter(difflib.get_close_matches(word, whole, n=1, cutoff=alike)), "")
