"""Rules about left and right: in the words, in the pose, in `side`. Must not know where a text stands in its file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from calotype.language.lint.subject import Remark, Subject
from calotype.language.pose.laterality import contradictions, one_sided, other

TEXTS = ("description", "prompt", "alt", "caption", "title")
_ABOVE = {
    **{(base, "anterior"): ("back", "posterior") for base in ("prone", "plank")},
    **{(base, "posterior"): ("front", "anterior") for base in ("supine", "crook_lying")},
}
"""What someone lying shows instead, and the view that says so."""
_SIDED = ("lateral", "oblique", "close-up")
SEEN = re.compile(
    r"\b(?:(?:seen|viewed|view|shown)\s+from\s+(?:the\s+|its\s+|their\s+)?(left|right)\b"
    r"|(left|right)[ -](?:side[ -])?(?:lateral\s+|oblique\s+)?(?:view|profile)\b)(?! of\b)", re.IGNORECASE,
)


def told(subject: Subject) -> Iterator[tuple[str, str]]:
    """(key, text) of the image's texts that speak of a side at all."""
    for name in TEXTS:
        text = getattr(subject.part, name)
        if "left" in text.lower() or "right" in text.lower():
            yield name, text


def against_pose(subject: Subject) -> Iterator[Remark]:
    """What a text says of the side that it names, where it is true in the pose of the other side alone."""
    for name, text in told(subject):
        for (side, about), words in contradictions(text, subject.image.posture).items():
            yield Remark(
                "laterality", f"the text says `{words}`; {_in_the_pose(side, about)}",
                (*subject.part.pointer, name),
                "left and right are the subject's own: mend the text, or mirror the pose (`mirror: true`)", words,
            )


def _in_the_pose(side: str, about: str) -> str:
    if about == "side":
        return f"in the pose it is the {other(side)} side that the body lies on"
    if about in ("head", "trunk", "body"):
        return f"in the pose it goes to the {other(side)}"
    return f"in the pose it is the {other(side)} {about} that does so"


def mismatch(subject: Subject) -> Iterator[Remark]:
    """A view from a side that is not `side`; a limb that one text names on the left, and another on the right."""
    texts = list(told(subject))
    for name, text in texts:
        seen = SEEN.search(text)
        side = (seen[1] or seen[2]).lower() if seen else ""
        if seen and subject.image.view in _SIDED and side != subject.image.side:
            yield Remark(
                "side-mismatch", f"the text says `{seen[0]}`, but the picture shows the {subject.image.side} side",
                (*subject.part.pointer, name), f"mend the text, or write `side: {side}`", seen[0],
            )
    yield from _texts_apart(subject, texts)


def hidden(subject: Subject) -> Iterator[Remark]:
    """A view of someone lying from the side that the floor hides: the picture shows the other, from above."""
    image = subject.image
    shown = _ABOVE.get((image.posture["base"], image.view))
    if shown:
        settings = subject.part.view_angle and (*subject.part.pointer, "view_angle")
        yield Remark(
            "view-hidden", f"`{image.posture['base']}` is seen from above: the picture shows the {shown[0]}",
            settings or subject.part.pointer, f"write `view_angle: {shown[1]}`, or another base",
        )


def _texts_apart(subject: Subject, texts: list[tuple[str, str]]) -> Iterator[Remark]:
    limbs = {name: one_sided(text) for name, text in texts}
    for index, (name, _) in enumerate(texts):
        for (side, limb, kinds), words in limbs[name].items():
            before = (earlier for earlier, _ in texts[:index])
            against = next((text for text in before if _denies(limbs[text], side, limb, kinds)), None)
            if against is not None:
                yield Remark(
                    "side-mismatch", f"`{name}` says {side} {limb}, but `{against}` says {other(side)} {limb}",
                    (*subject.part.pointer, name), "left and right are the subject's own in every text", words,
                )


def _denies(said: Iterable[tuple[str, str, frozenset[str]]], side: str, limb: str, kinds: frozenset[str]) -> bool:
    """Whether a text says the same of the other side's limb: to stand on the left leg and lift the right one agree."""
    return any(
        each == other(side) and part == limb and (not kinds or not others or bool(kinds & others))
        for each, part, others in said
    )
