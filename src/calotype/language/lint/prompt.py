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
    if subject.limit is None:
        return
    total, lost = subject.counter().cut(subject.image.words().prompt, subject.limit)
    if total <= subject.limit:
        return
    pointer, words = _first_lost(subject, lost)
    about = "" if subject.counter().exact else "by estimate "
    hint = f"shorten the words or the style `{subject.image.style}`, or take a renderer that reads long prompts"
    shown = lost if len(lost) <= _SHOWN else f"{lost[:_SHOWN]} ..."
    yield Remark(
        "prompt-too-long",
        f"the prompt of {subject.image.target} has {about}{total} tokens, of which a plain CLIP encoder reads "
        f"{subject.limit}; it loses: {shown}",
        pointer, hint, words,
    )


def _first_lost(subject: Subject, lost: str) -> tuple[tuple[str | int, ...], str]:
    """The author's text in which the loss begins, else the one that could be shorter, and the words lost there."""
    for pointer, text in subject.texts():
        flat = " ".join(text.split()).rstrip(" ,")
        for start in (0, *(gap.end() for gap in re.finditer(r"[ ,]+", flat))):
            if lost.startswith(flat[start:]):
                return pointer, flat[start:]
    pointer = next((pointer for pointer, _ in subject.texts()), subject.part.pointer)
    return pointer, ""


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
