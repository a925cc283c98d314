"""The rule about muscles and joints shown: a name that no drawing knows. Must not know where any lies."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from calotype.language.lint.subject import Remark, Subject
from calotype.language.pose.muscle_names import find, nearest
from calotype.language.pose.shown import JOINTS, is_joint

CODE = "unknown-anatomy"
_NEAR_JOINT = 0.65
"""The same for joints, whose names are short."""
_BESIDE = re.compile(r"\b(?:left|right|joints?|the)\b")
_WHOLE = {"metatars": "metatarsophalangeal", "scapul": "scapula"}
"""Stems in the words that an author writes."""


def unknown(subject: Subject) -> Iterator[Remark]:
    """A name that a drawing shows nothing for, with the nearest that it knows. A renderer that reads the prompt may
    know it as a word: then only where it looks misspelt is it told."""
    part = subject.part
    for index, text in enumerate(part.muscles_shown):
        near = "" if find(text) else nearest(text)
        if not find(text) and (near or not subject.reads_prompt):
            yield _remark(text, "muscle", near, (*part.pointer, "muscles_shown", index), "docs/muscles.md")
    for index, text in enumerate(part.joints_shown):
        near = "" if is_joint(text) else _near_joint(text)
        if not is_joint(text) and (near or not subject.reads_prompt):
            yield _remark(text, "joint", near, (*part.pointer, "joints_shown", index), "docs/lint.md")


def _remark(text: str, noun: str, near: str, pointer: tuple[str | int, ...], page: str) -> Remark:
    return Remark(CODE, f"`{text}` is no {noun} that a drawing can show", pointer,
                  f"did you mean `{near}`?" if near else f"{page} lists the names")


def _near_joint(text: str) -> str:
    word = " ".join(_BESIDE.sub(" ", text.lower()).split())
    whole = [_WHOLE.get(name, name) for name in JOINTS]
    return next(iter(difflib.get_close_matches(word, whole, n=1, cutoff=_NEAR_JOINT)), "")
