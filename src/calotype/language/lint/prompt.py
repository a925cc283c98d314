"""Rules about what a prompt says: its end that is lost, and what it names to be left out. Must not know renderers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calotype.language.lint.subject import Remark, Subject

_SHOWN = 400
"""Lost characters told; the beginning of what is lost says where the cut is."""
NEGATIVE = re.compile(
    r"(?<![\w-])(?:no|without|never|avoid|do not|don't|not)(?![\w.-])"
    r"(?! (?:only|just|more|less|longer|fewer|later)\b)\s+(?:any\s+)?([^,.;:()\n]+)",
    re.IGNORECASE,
)


def too_long(subject: Subject) -> Iterator[Remark]:
    """What a plain CLIP encoder never reads of the whole prompt, style and all."""
    lost = _lost("prompt", subject.image.words().prompt, subject)
    if lost is not None:
        message, words = lost
        pointer, place = _first_lost(subject, words)
        hint = f"shorten the words or the style `{subject.image.style}`, or take a renderer that reads long prompts"
        yield Remark("prompt-too-long", message, pointer, hint, place)


def negative_too_long(subject: Subject) -> Iterator[Remark]:
    """The same of the negative prompt: what is cut off is not kept away."""
    lost = _lost("negative prompt", subject.image.words().negative, subject)
    if lost is not None and subject.reads_negative():
        message, words = lost
        pointer, text = subject.negative() or (subject.part.pointer, "")
        style = subject.image.style
        hint = f"shorten `negative_prompt`, or that of the style `{style}`, or take a renderer that reads long prompts"
        yield Remark("prompt-too-long", message, pointer, hint, _place_of(words, text) or "")


def too_long_to_score(subject: Subject) -> Iterator[Remark]:
    """What a scorer that calotype.yaml names never reads of the prompt, where nothing has been said of it yet."""
    if subject.reads_prompt and _lost("prompt", subject.image.words().prompt, subject) is not None:
        return
    for scorer, (text, limit) in subject.scored.items():
        total, lost = subject.counter().cut(text, limit)
        if total > limit:
            message = (f"the scorer `{scorer}` reads {limit} of the {_about(subject)}{total} tokens of the prompt of "
                       f"{subject.image.target}; no score tells of: {_shown(lost)}")
            pointer, place = _first_lost(subject, lost)
            hint = "put what matters first, or shorten the words"
            yield Remark("scored-prompt-too-long", message, pointer, hint, place)
            return


def _lost(name: str, text: str, subject: Subject) -> tuple[str, str] | None:
    """What to say of a text that is longer than what is read of it, and the words that are lost; None if none are."""
    if subject.limit is None or not text:
        return None
    total, lost = subject.counter().cut(text, subject.limit)
    if total <= subject.limit:
        return None
    return (f"the {name} of {subject.image.target} has {_about(subject)}{total} tokens, of which a plain CLIP encoder "
            f"reads {subject.limit}; it loses: {_shown(lost)}"), lost


def _about(subject: Subject) -> str:
    return "" if subject.counter().exact else "by estimate "


def _shown(lost: str) -> str:
    return lost if len(lost) <= _SHOWN else f"{lost[:_SHOWN]} ..."


def _first_lost(subject: Subject, lost: str) -> tuple[tuple[str | int, ...], str]:
    """The author's text in which the loss begins, else the one that could be shorter, and the words lost there."""
    for pointer, text in subject.texts():
        words = _place_of(lost, text)
        if words is not None:
            return pointer, words
    pointer = next((pointer for pointer, _ in subject.texts()), subject.part.pointer)
    return pointer, ""


def _place_of(lost: str, text: str) -> str | None:
    """The words of `text` with which `lost` begins; None where the loss begins elsewhere."""
    flat = " ".join(text.split()).rstrip(" ,")
    for start in (0, *(gap.end() for gap in re.finditer(r"[ ,]+", flat))):
        if flat[start:] and lost.startswith(flat[start:]):
            return flat[start:]
    return None


def negative(subject: Subject) -> Iterator[Remark]:
    """Words to be left out among the author's own: an encoder reads `no text` as text."""
    for pointer, text in subject.texts():
        for match in NEGATIVE.finditer(text):
            unwanted = " ".join(match[1].split())
            yield Remark(
                "negative-in-prompt", f"`{' '.join(match[0].split())}` is read as a wish for it: "
                "an encoder knows the words, not that they are denied",
                pointer, f"take it out, and write `negative_prompt: {unwanted}`", match[0].strip(),
            )
