"""The caption of a picture that a LoRA is trained on: the trigger word, then what differs from picture to picture.

What stays the same is left out, so that the trigger word comes to mean it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from calotype.ground.light_dataclass import dataclass, replace
from calotype.language.image import Image
from calotype.language.pose.alt_phrases import ENGLISH, Locale
from calotype.language.pose.alt_text import phrases_of
from calotype.language.spec import ImageSpec

MOST_JOINTS = 6
"""The joints that a caption tells of, the most telling first: an encoder reads 75 tokens."""
_WITHOUT_AMOUNTS = ("degree", "degrees", "cm", "to_degrees", "to_cm")


@dataclass(frozen=True, slots=True)
class CaptionRules:
    """`full`: whether how the character looks follows. `posed`: whether a pose was written; else the author's prompt
    says what the posture is. `muscles` and `joints` are those that its picture shows."""

    trigger_word: str
    full: bool = False
    posed: bool = True
    muscles: Sequence[str] = ()
    joints: Sequence[str] = ()


def caption_of(image: Image, part: ImageSpec, character_prompt: str, rules: CaptionRules) -> str:
    """The author's own caption, with the trigger word put first where it does not begin with it; else view and posture
    in words."""
    if part.caption:
        words = _one_line(part.caption)
        return words if _begins_with(words, rules.trigger_word) else f"{rules.trigger_word}, {words}"
    parts = [rules.trigger_word, *_seen(image, part, rules), *([_one_line(character_prompt)] if rules.full else [])]
    return ", ".join(filter(None, parts))


def _begins_with(words: str, trigger_word: str) -> bool:
    following = words[len(trigger_word):len(trigger_word) + 1]
    return words.casefold().startswith(trigger_word.casefold()) and not (following.isalnum() or following in ("_", "-"))


def _seen(image: Image, part: ImageSpec, rules: CaptionRules) -> Iterator[str]:
    phrases = phrases_of(image.posture, image.view, image.side, _locale(), rules.muscles, rules.joints)
    yield phrases.view
    if not rules.posed and part.prompt:
        yield _one_line(part.prompt)
        return
    yield phrases.base
    for words in (*phrases.joints[:MOST_JOINTS], *phrases.touches, *phrases.besides):
        yield words.rstrip(" ,")


@cache
def _locale() -> Locale:
    """English as a caption has it: no degrees, and nothing but commas between its parts."""
    amounts = dict.fromkeys(_WITHOUT_AMOUNTS, "{motion}")
    phrases = {**ENGLISH.phrases, **amounts, "overhead": "overhead", "sized": "{arrow}"}
    return replace(ENGLISH, phrases=phrases)


def _one_line(text: str) -> str:
    """`text` on one line, composed, without signs that cannot be printed."""
    words = "".join(letter if letter.isprintable() else " " for letter in unicodedata.normalize("NFC", text))
    return " ".join(words.split()).strip(" ,")
