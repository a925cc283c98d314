"""The rule about words that a drawing does not read: a description with no pose. Must not judge any pose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calotype.language.lint.subject import Remark, Subject

CODE = "description-unread"
_POSED = re.compile(
    r"\b(?:(?:squat|lung|bridg|plank|crunch|sit-up|push-up|press-up|pull-up|chin-up|deadlift|hing|kneel|crouch|clasp|rais|"
    r"lift|elevat|bend|bent|flex|exten|straighten|rotat|twist|abduct|adduct|tilt|stretch|supinat|pronat|dorsiflex|"
    r"plantarflex|protract|retract|shrug|clam|overhead|bird dog|crossed|turned|swing|kick|jump)\w*|"
    r"(?:lower|hug|press|row|curl|bow|lean|tuck|arch|reach|pull|push|run|walk|turn|cross)(?:s|es|ed|ing|ning|ging)?|"
    r"on (?:the|his|her|their) hips?|on one (?:leg|foot|knee))\b",
    re.IGNORECASE,
)
"""Words that ask for more than view and body position do."""
_OF_THE_POSITION = {
    "kneeling": r"\bkneel\w*", "half_kneeling": r"\bkneel\w*|\bon one knee\b", "heel_sitting": r"\bkneel\w*",
    "plank": r"\bplank\w*", "long_sitting": r"\bstraight\w*", "crook_lying": r"\bbent\b",
}
"""Words that ask for no more than these body positions do."""


def description(subject: Subject) -> Iterator[Remark]:
    """A description of a posture that a renderer which reads no prompt is to draw, with no pose to draw it from."""
    part = subject.part
    if subject.reads_prompt or subject.posed:
        return
    shown = _OF_THE_POSITION.get(subject.image.position, "")
    if not _POSED.search(re.sub(shown, "", part.description, flags=re.IGNORECASE) if shown else part.description):
        return
    yield Remark(
        CODE, f"the drawing does not read `description`: with no `pose` it shows a person {subject.image.position}",
        (*part.pointer, "description"),
        "write `pose`: joint angles on a base posture, or the id of a pose in specs/poses/; docs/pose.md tells how",
    )
