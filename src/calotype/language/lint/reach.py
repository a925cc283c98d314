"""The rule about contacts: a part that cannot reach what it is said to touch. Must not know how it tries."""

from __future__ import annotations

from collections.abc import Iterator

from calotype.language.lint.subject import Remark, Subject
from calotype.language.pose.props.through import has_props
from calotype.language.pose.unmet import unmet


def out_of(subject: Subject) -> Iterator[Remark]:
    """Contacts that the image's pose says and that stay open, and bodies that pass through floor or wall."""
    posture = subject.image.posture
    start = posture.get("from", {})
    if not any("solver" in phase or has_props(phase) for phase in (posture, start)):
        return
    written = subject.part.settings.get("pose")
    for finding in unmet(posture, written):
        pointer = (*subject.part.pointer, "pose", *finding.pointer)
        yield Remark(finding.code, finding.message, pointer, finding.hint or "")
