"""The rule about words that a drawing does not read: a description with no pose. Must not judge any pose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calotype.language.lint.subject import Remark, Subject

CODE = "description-unread"
_WORD = re.compile(r"[^\W\d_]+")
_PLAIN = frozenset(_WORD.findall(
    "a an the in of on with and or is at his her their position posture pose start starting end neutral relaxed "
    "person figure body patient view image picture exercise standing stand stands seated sitting sit sits supine "
    "prone quadruped lying lies upright tall back front side all fours hands knees anterior posterior lateral "
    "oblique close up "
))
"""Words that say no more than view and body position do."""


def description(subject: Subject) -> Iterator[Remark]:
    """A description that a renderer which reads no prompt is to draw, with no pose to draw it from."""
    part = subject.part
    if subject.reads_prompt or not part.description or subject.posed:
        return
    if set(_WORD.findall(part.description.lower())) <= _PLAIN:
        return
    yield Remark(
        CODE, f"the drawing does not read `description`: with no `pose` it shows a person {subject.image.position}",
        (*part.pointer, "description"),
        "write `pose`: joint angles on a base posture, or the id of a pose in specs/poses/; docs/pose.md tells how",
    )
