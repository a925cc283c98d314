"""What a rule looks at, and what it says. Must not know any rule, nor how severe one is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from calotype.ground.light_dataclass import dataclass
from calotype.language.image import Image
from calotype.language.lint.tokens import Counter
from calotype.language.spec import ImageSpec, Pointer, Spec
from calotype.language.yaml.document import Document

PLAIN = 75
"""Tokens of text that a plain CLIP encoder reads: 77, less the two that begin and end every text."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One image and what it was made from. `reads_prompt` says whether its renderer does; `defaults` are
    those of calotype.yaml; beyond `limit` tokens it
    loses the rest (None: it never does). `reads_negative` asks whether its renderer reads the negative prompt. `scored`
    are the scorers that read a part of a text alone: what each reads, and how many tokens of it."""

    image: Image
    part: ImageSpec
    spec: Spec
    document: Document
    defaults: Mapping[str, Any]
    reads_prompt: bool
    limit: int | None
    counter: Callable[[], Counter]
    reads_negative: Callable[[], bool]
    scored: Mapping[str, tuple[str, int]]

    @property
    def posed(self) -> bool:
        """Whether a pose is given: without one the posture is the base of the body position."""
        return "pose" in self.part.settings or "pose" in self.spec.settings or "pose" in self.defaults

    def texts(self) -> Iterator[tuple[Pointer, str]]:
        """The author's own words for the prompt, in this document, with their places."""
        for name in ("description", "prompt", "background"):
            text = getattr(self.part, name)
            if text:
                yield (*self.part.pointer, name), text
        for name in ("prompt", "background"):
            text = getattr(self.spec, name)
            if text:
                yield (name,), text

    def negative(self) -> tuple[Pointer, str] | None:
        """The author's negative prompt in this document, and its place; the image's own before the spec's."""
        for pointer, settings in ((self.part.pointer, self.part.settings), ((), self.spec.settings)):
            if "negative_prompt" in settings:
                return (*pointer, "negative_prompt"), str(settings["negative_prompt"])
        return None


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding at `pointer` of the document, at `words` in the text there, where they can be found."""

    code: str
    message: str
    pointer: Pointer
    hint: str
    words: str = ""
